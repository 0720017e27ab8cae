using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Engine;
using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Data.Tests;

/// <summary>Data sets and loaders for the tests of loading.</summary>
internal static class LoaderSets
{
    public static readonly InputPreparation Preparation = new() { MinSide = 20, CropSize = 16, Normalisation = InputNormalisation.None };

    public static readonly AugmentationOptions Random = new() { Crop = CropMode.Random, PcaSigma = 0, Brightness = 0.2 };

    /// <summary>Images of random pixels; image i is <c>20 + i % 3</c> wide and 20 high, of class <c>i % 3</c>.</summary>
    public static ImageDataset Memory(int count)
    {
        RgbImage[] images = [.. Enumerable.Range(0, count).Select(Image)];
        return new ImageDataset("memory", ["a", "b", "c"], new MemoryImages(images), images.Select((_, i) => new ImageSample($"{i}", i % 3, i)));
    }

    public static RgbImage Image(int index)
    {
        var image = new RgbImage(20 + index % 3, 20);
        for (int i = 0; i < image.Pixels.Length; i++) image.Pixels[i] = (byte)Philox.Word(new RandomKey(5, 5, (uint)index), i);
        return image;
    }

    public static BatchLoader Loader(ImageDataset set, LoaderOptions options, long cacheBytes = 1 << 20, ILogger? logger = null) =>
        new(new PreparedImages(set, Preparation, cacheBytes, logger), new TrainingAugmentation(Preparation, Random), options);

    /// <summary>Everything that a batch holds, as text.</summary>
    public static string Print(Batch batch)
    {
        ulong hash = 14695981039346656037;
        foreach (float value in batch.Images) hash = (hash ^ BitConverter.SingleToUInt32Bits(value)) * 1099511628211;
        return $"{batch.Epoch}.{batch.Number} {batch.Size}x{batch.Height}x{batch.Width} {string.Join(',', batch.Indices.ToArray())} {string.Join(',', batch.Labels.ToArray())} {hash:x}";
    }

    /// <summary>Runs a test's body on another thread and fails, rather than hangs, when it does not end.</summary>
    public static void Ends(Action body) => Assert.True(Task.Run(body).Wait(TimeSpan.FromMinutes(5)), "not done after five minutes");
}

/// <summary>A source some of whose images cannot be decoded.</summary>
internal sealed class BrokenSource(int count, params int[] broken) : IImageSource
{
    private int _loads;

    public int Loads => _loads;

    public int Count => count;

    public string NameOf(int index) => $"image{index}.jpg";

    public RgbImage Load(int index)
    {
        Interlocked.Increment(ref _loads);
        return broken.Contains(index) ? throw new DataFormatException(NameOf(index), "truncated") : LoaderSets.Image(index);
    }

    public ImageDataset Dataset() =>
        new("broken set", ["a", "b", "c"], this, Enumerable.Range(0, count).Select(i => new ImageSample(NameOf(i), i % 3, i)));
}

/// <summary>Collects warnings.</summary>
internal sealed class WarningLog : ILogger
{
    private readonly List<string> _lines = [];

    public string[] Lines
    {
        get
        {
            lock (_lines) return [.. _lines];
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel != LogLevel.Warning) return;
        lock (_lines) _lines.Add(formatter(state, exception));
    }
}
