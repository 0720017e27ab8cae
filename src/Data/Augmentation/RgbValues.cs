namespace IlgpuSpp.Data;

/// <summary>One number for every colour channel.</summary>
/// <param name="Red">Red's.</param>
/// <param name="Green">Green's.</param>
/// <param name="Blue">Blue's.</param>
public readonly record struct RgbValues(float Red, float Green, float Blue)
{
    /// <summary>The same number for every channel.</summary>
    /// <param name="value">The number.</param>
    public static RgbValues All(float value) => new(value, value, value);

    /// <summary>One of the channels.</summary>
    /// <param name="channel">0 red, 1 green, 2 blue.</param>
    public float this[int channel] => channel switch { 0 => Red, 1 => Green, 2 => Blue, _ => throw new ArgumentOutOfRangeException(nameof(channel)) };
}
