using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Training.Tests;

/// <summary>A small data set in memory, small networks, and options that train them in a blink.</summary>
internal static class TinyRun
{
    public static readonly string[] Classes = ["left", "right", "grey"];

    public static CpuBackend Backend(int threads = 1) => new(new CpuOptions { Threads = threads });

    /// <summary>Images whose left half, right half or neither is bright, with noise; sizes differ.</summary>
    public static ImageDataset Images(int count, ulong seed = 1, string name = "tiny")
    {
        var images = new List<RgbImage>();
        var samples = new List<ImageSample>();
        for (int i = 0; i < count; i++)
        {
            var random = new RandomStream(new RandomKey(seed, 77, (uint)i));
            int width = 20 + random.NextInt(8), height = 20 + random.NextInt(8), label = i % Classes.Length;
            var image = new RgbImage(width, height);
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++)
                    for (int c = 0; c < 3; c++)
                    {
                        bool bright = label == 0 ? x < width / 2 : label == 1 && x >= width / 2;
                        image.Pixels[(y * width + x) * 3 + c] = (byte)((bright ? 150 : 60) + random.NextInt(50));
                    }
            images.Add(image);
            samples.Add(new ImageSample($"image-{seed}-{i}", label, i));
        }
        return new ImageDataset(name, Classes, new MemoryImages(images), samples);
    }

    public static Sequential Layers(bool batchNorm = false, float dropout = 0.25f) => new([
        new Conv2d(3, 6, kernel: 3, pad: 1),
        .. (batchNorm ? (Layer[])[new BatchNorm(6)] : []),
        new Relu(),
        new MaxPool2d(2, stride: 2),
        new SpatialPyramidPool(1, 2),
        .. (dropout > 0 ? (Layer[])[new Dropout(dropout)] : []),
        new Linear(6 * 5, Classes.Length),
    ]);

    public static Model Model(Backend backend, bool batchNorm = false, float dropout = 0.25f, ulong seed = 3) => new(
        new ModelDescription { Architecture = "tiny", Options = new ModelOptions { Classes = Classes.Length, Pyramid = [1, 2] } },
        Layers(batchNorm, dropout), backend, seed);

    public static TrainerOptions Options { get; } = new()
    {
        Sizes = [16, 12],
        ResizeSide = 18,
        Epochs = 3,
        BatchSize = 8,
        LearningRate = 0.05,
        ProgressInterval = TimeSpan.Zero,
        Augmentation = new AugmentationOptions { FlipProbability = 0 },
    };

    /// <summary>All parameters' values, one after another.</summary>
    public static float[] Weights(Model model) => [.. model.Network.Parameters.SelectMany(p => p.Value.ToArray())];
}
