using System.Collections.Concurrent;

namespace IlgpuSpp.Data;

/// <summary>
/// The mean of the training images, pixel by pixel, in RGB from 0 to 255. Resized ("warped") to the input wherever that
/// has another size. Thread-safe.
/// </summary>
public sealed class MeanImage
{
    private const int RememberedSizes = 8;

    private readonly ConcurrentDictionary<(int Width, int Height), float[]> _resized = new();

    /// <summary>Creates a mean image.</summary>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="pixels"><c>[height, width, 3]</c>, RGB, 0 to 255; used, not copied.</param>
    /// <exception cref="ArgumentException">The array has another length.</exception>
    public MeanImage(int width, int height, float[] pixels)
    {
        if (width < 1 || height < 1 || pixels.Length != (long)width * height * 3)
            throw new ArgumentException($"A mean image of {width} x {height} needs {(long)width * height * 3} values, but {pixels.Length} were given.", nameof(pixels));
        Width = width;
        Height = height;
        Values = pixels;
        _resized[(width, height)] = pixels;
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>The pixels, <c>[height, width, 3]</c>, RGB.</summary>
    public ReadOnlySpan<float> Pixels => Values;

    internal float[] Values { get; }

    /// <summary>The image at another size, by bilinear interpolation between pixel centres; edges are repeated.</summary>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <returns><c>[height, width, 3]</c>, RGB.</returns>
    public ReadOnlySpan<float> At(int width, int height) => ValuesAt(width, height);

    internal float[] ValuesAt(int width, int height)
    {
        if (_resized.TryGetValue((width, height), out float[]? known)) return known;
        float[] warped = new float[height * width * 3];
        ImageResizer.Resize(Values, Width, Height, 3, width, height, ResizeFilter.Bilinear, warped);
        if (_resized.Count < RememberedSizes) _resized.TryAdd((width, height), warped);
        return warped;
    }
}
