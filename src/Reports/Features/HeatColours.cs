namespace IlgpuSpp.Reports;

/// <summary>Colours of activations from none to the strongest: black, violet, red, orange, yellow, white; ever lighter, so that grey prints keep the order.</summary>
internal static class HeatColours
{
    private static ReadOnlySpan<byte> Stops =>
    [
        0, 0, 8, 74, 12, 107, 187, 55, 84, 249, 142, 9, 249, 217, 86, 255, 255, 255,
    ];

    /// <summary>The colour of a share.</summary>
    /// <param name="share">0 to 1; values outside are clamped.</param>
    public static (byte Red, byte Green, byte Blue) At(double share)
    {
        int last = Stops.Length / 3 - 1;
        double place = Math.Clamp(share, 0, 1) * last;
        int stop = Math.Min((int)place, last - 1);
        double rest = place - stop;
        return (Mix(0), Mix(1), Mix(2));

        byte Mix(int channel) => (byte)Math.Round(Stops[3 * stop + channel] * (1 - rest) + Stops[3 * stop + 3 + channel] * rest);
    }
}
