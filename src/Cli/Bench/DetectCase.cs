using IlgpuSpp.Engine;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Cli.Bench;

/// <summary>
/// Detection features: the convolutions of ZF-5 on one 688x917 image, then the pyramid of 2000 windows on its map. Windows are
/// drawn from a fixed seed, corners rounded to the stride-16 map as RoI pooling does.
/// </summary>
internal sealed class DetectCase : IBenchCase
{
    private const int Height = 688, Width = 917, Windows = 2000, Stride = 16, SmallestSide = 20;

    private readonly IBackend _backend;
    private readonly Network _network;
    private readonly NetworkPass _pass;
    private readonly IndexTensor _windows;
    private readonly Tensor _features;
    private readonly Pyramid _pyramid = new([1, 2, 3, 6]);

    public DetectCase(BenchSetup setup)
    {
        _backend = setup.Backend;
        _network = BenchNetworks.Zf5Convolutions(setup.Backend);
        _pass = _network.Plan(new Shape(1, Height, Width, 3), PassMode.Inference);
        _backend.FillNormal(_pass.Input, 0, 1, new RandomKey(1, 1, 0));
        _windows = _backend.AllocateIndex(new Shape(Windows, 5));
        _backend.Upload(Draw(_pass.Output.Shape), _windows);
        _features = _backend.Allocate(ShapeRules.WindowPyramidPool(_pass.Output.Shape, _windows.Shape, _pyramid));
    }

    public int Images => 1;

    public void Run()
    {
        _pass.Forward();
        _backend.WindowPyramidForward(_pass.Output, _windows, _features, null, _pyramid);
    }

    public void Dispose()
    {
        _features.Dispose();
        _windows.Dispose();
        _pass.Dispose();
        _network.Dispose();
    }

    private static int[] Draw(Shape map)
    {
        var random = new RandomStream(new RandomKey(1, 3, 0));
        var rows = new int[Windows * 5];
        for (int i = 0; i < Windows; i++)
        {
            (int left, int right) = Side(Width, map.Width);
            (int top, int bottom) = Side(Height, map.Height);
            (rows[5 * i + 1], rows[5 * i + 2], rows[5 * i + 3], rows[5 * i + 4]) = (top, left, bottom, right);
        }
        return rows;

        (int Start, int End) Side(int pixels, int elements)
        {
            int a = random.NextInt(pixels), b = random.NextInt(pixels);
            int low = Math.Min(a, b), high = Math.Max(a, b);
            if (high - low < SmallestSide) high = Math.Min(pixels - 1, low + SmallestSide);
            int start = Math.Min(elements - 1, (int)Math.Round(low / (double)Stride));
            return (start, Math.Clamp((int)Math.Round(high / (double)Stride) + 1, start + 1, elements));
        }
    }
}
