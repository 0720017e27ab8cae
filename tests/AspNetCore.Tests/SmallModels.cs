using System.Text.Json;
using IlgpuSpp.Engine.Cpu;
using IlgpuSpp.Models;

namespace IlgpuSpp.AspNetCore.Tests;

/// <summary>Untrained models and noise to serve: what they say means nothing, but has to be what the library says.</summary>
internal static class SmallModels
{
    public static readonly string[] Classes = ["apple", "pear", "plum"];

    public static Backend Backend() => new CpuBackend(new CpuOptions { Threads = 2 });

    public static void WriteClassifier(string path, Backend backend, ulong seed = 9)
    {
        Model model = Zoo.Create("spp-small", new ModelOptions { Classes = Classes.Length, Pyramid = [1, 2] }, backend, seed);
        model.Description = model.Description with { ClassNames = [.. Classes] };
        using var trained = new TrainedModel(model, Preparation, 48);
        trained.Save(path);
    }

    public static void WriteDetector(string folder, Backend backend)
    {
        Directory.CreateDirectory(folder);
        using Model model = Zoo.Create("spp-small", new ModelOptions { Classes = Classes.Length + 1, Pyramid = [1, 2] }, backend, 4);
        model.Description = model.Description with { ClassNames = ["background", .. Classes] };
        var settings = new DetectorSettings { Features = new WindowFeatureOptions { Scales = [64], TargetSide = 48 }, Scoring = WindowScoring.Softmax };
        DetectorFile.Write(Path.Combine(folder, "detector.safetensors"), model, Preparation, new DetectorParts(settings, null, null, null, null),
            JsonSerializer.Serialize(settings, DetectionJson.Default.DetectorSettings));
        File.WriteAllText(Path.Combine(folder, "proposals.json"), """{"Method":"fast","Most":60,"MinimumSide":12}""");
    }

    /// <summary>Smooth blobs, the same for the same seed.</summary>
    public static RgbImage Picture(int width, int height, uint seed = 1)
    {
        var random = new RandomStream(new RandomKey(7, 8, seed));
        var image = new RgbImage(width, height);
        (double x, double y, double radius, int channel)[] blobs = [.. Enumerable.Range(0, 12).Select(i => ((double)random.NextInt(width), (double)random.NextInt(height), 6.0 + random.NextInt(20), i % 3))];
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                foreach ((double bx, double by, double radius, int channel) in blobs)
                    if (Math.Pow(x - bx, 2) + Math.Pow(y - by, 2) < radius * radius) image.Pixels[(y * width + x) * 3 + channel] = 220;
        return image;
    }

    private static InputPreparation Preparation => new() { MinSide = 56, CropSize = 48, Normalisation = InputNormalisation.Constant(128, 64) };
}
