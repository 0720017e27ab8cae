using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace IlgpuSpp.Peers;

/// <summary>LibTorch on the networks of the zoo, with the pyramid {6,3,2,1} and 1000 classes.</summary>
internal static class TorchCases
{
    private const long Classes = 1000;
    private static readonly long[] s_levels = [1, 2, 3, 6];

    public static Action Product(Options options)
    {
        set_num_threads(options.Threads);
        long n = options.Size == 0 ? 1024 : options.Size;
        Tensor a = randn(n, n), b = randn(n, n);
        return () => a.matmul(b).Dispose();
    }

    public static Action Forward(string network, Options options)
    {
        (Module<Tensor, Tensor> net, Tensor x, _) = Setup(network, options);
        net.eval();
        return () =>
        {
            using IDisposable still = no_grad();
            using DisposeScope scope = NewDisposeScope();
            net.forward(x);
        };
    }

    public static Action Train(string network, Options options)
    {
        (Module<Tensor, Tensor> net, Tensor x, long classes) = Setup(network, options);
        net.train();
        Tensor labels = randint(0, classes, options.Batch);
        var optimiser = optim.SGD(net.parameters(), 1e-3, momentum: 0.9, weight_decay: 5e-4);
        return () =>
        {
            using DisposeScope scope = NewDisposeScope();
            optimiser.zero_grad();
            functional.cross_entropy(net.forward(x), labels).backward();
            optimiser.step();
        };
    }

    private static (Module<Tensor, Tensor> Net, Tensor Input, long Classes) Setup(string network, Options options)
    {
        set_num_threads(options.Threads);
        random.manual_seed(0);
        (Module<Tensor, Tensor> net, long side, long classes) = network switch
        {
            "zf5" => (Zf5(), 224L, Classes),
            "vgg16" => (Vgg16(), 224L, Classes),
            "resnet18" => (ResNet18(), 224L, Classes),
            "small" => (Small(), 32L, 10L),
            _ => throw new ArgumentException($"There is no network {network}."),
        };
        side = options.Size == 0 ? side : options.Size;
        return (net, randn(options.Batch, 3, side, side), classes);
    }

    private static Module<Tensor, Tensor> Zf5() => Sequential(
        Conv2d(3, 96, 7, stride: 2, padding: 1), ReLU(true), new LocalNormalisation(), MaxPool2d(3, stride: 2, ceil_mode: true),
        Conv2d(96, 256, 5, stride: 2), ReLU(true), new LocalNormalisation(), MaxPool2d(3, stride: 2, ceil_mode: true),
        Conv2d(256, 384, 3, padding: 1), ReLU(true), Conv2d(384, 384, 3, padding: 1), ReLU(true), Conv2d(384, 256, 3, padding: 1), ReLU(true),
        new Pyramid(s_levels), Linear(12800, 4096), ReLU(true), Dropout(0.5), Linear(4096, 4096), ReLU(true), Dropout(0.5), Linear(4096, Classes));

    private static Module<Tensor, Tensor> Vgg16()
    {
        var layers = new List<Module<Tensor, Tensor>>();
        long channels = 3;
        long[][] blocks = [[64, 64], [128, 128], [256, 256, 256], [512, 512, 512], [512, 512, 512]];
        for (int block = 0; block < blocks.Length; block++)
        {
            foreach (long width in blocks[block])
            {
                layers.AddRange([Conv2d(channels, width, 3, padding: 1), ReLU(true)]);
                channels = width;
            }
            if (block < blocks.Length - 1) layers.Add(MaxPool2d(2));
        }
        return Sequential([.. layers, new Pyramid(s_levels), Linear(50 * 512, 4096), ReLU(true), Dropout(0.5), Linear(4096, 4096), ReLU(true), Dropout(0.5), Linear(4096, Classes)]);
    }

    private static Module<Tensor, Tensor> ResNet18()
    {
        var layers = new List<Module<Tensor, Tensor>> { Conv2d(3, 64, 7, stride: 2, padding: 3, bias: false), BatchNorm2d(64), ReLU(true), MaxPool2d(3, stride: 2, padding: 1) };
        long channels = 64;
        for (int stage = 0; stage < 4; stage++)
        {
            for (int block = 0; block < 2; block++)
            {
                layers.Add(new ResidualBlock(channels, 64L << stage, stage > 0 && block == 0 ? 2 : 1));
                channels = 64L << stage;
            }
        }
        return Sequential([.. layers, new Pyramid(s_levels), Linear(50 * 512, Classes)]);
    }

    private static Module<Tensor, Tensor> Small() => Sequential(
        Conv2d(3, 32, 3, padding: 1), ReLU(true), MaxPool2d(2), Conv2d(32, 64, 3, padding: 1), ReLU(true), MaxPool2d(2), Conv2d(64, 128, 3, padding: 1), ReLU(true),
        new Pyramid([1, 2, 4]), Linear(128 * 21, 256), ReLU(true), Linear(256, 10));

    private sealed class ResidualBlock : Module<Tensor, Tensor>
    {
        private readonly Module<Tensor, Tensor> _main;
        private readonly Module<Tensor, Tensor>? _shortcut;

        public ResidualBlock(long input, long width, long stride)
            : base("block")
        {
            _main = Sequential(
                Conv2d(input, width, 3, stride: stride, padding: 1, bias: false), BatchNorm2d(width), ReLU(true),
                Conv2d(width, width, 3, padding: 1, bias: false), BatchNorm2d(width));
            if (stride > 1 || input != width) _shortcut = Sequential(Conv2d(input, width, 1, stride: stride, bias: false), BatchNorm2d(width));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => functional.relu(_main.forward(input).add_(_shortcut?.forward(input) ?? input), inplace: true);
    }

    // Within a channel over 3×3, as ZF-5's release has it.
    private sealed class LocalNormalisation() : Module<Tensor, Tensor>("norm")
    {
        public override Tensor forward(Tensor input) => input * (1 + 5e-5 * functional.avg_pool2d(input * input, 3, 1, 1)).pow(-0.75);
    }

    private sealed class Pyramid(long[] levels) : Module<Tensor, Tensor>("pyramid")
    {
        public override Tensor forward(Tensor input) => cat([.. levels.Select(level => functional.adaptive_max_pool2d(input, [level, level]).flatten(1))], 1);
    }
}
