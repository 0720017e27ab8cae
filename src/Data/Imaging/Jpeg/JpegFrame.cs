using System.Buffers;

namespace IlgpuSpp.Data.Imaging.Jpeg;

/// <summary>What a start-of-frame segment declares (T.81, B.2.2), and the memory its samples take.</summary>
internal sealed class JpegFrame : IDisposable
{
    public required bool Progressive { get; init; }

    public required int Width { get; init; }

    public int Height { get; set; }

    public required JpegComponent[] Components { get; init; }

    public int MaxH { get; private set; }

    public int MaxV { get; private set; }

    /// <summary>MCUs in a row of an interleaved scan.</summary>
    public int McusWide { get; private set; }

    public int McusHigh { get; private set; }

    /// <summary>Derives the components' sizes from the frame's (T.81, A.1.1).</summary>
    public void Layout()
    {
        MaxH = Components.Max(c => c.H);
        MaxV = Components.Max(c => c.V);
        McusWide = Ceiling(Width, 8 * MaxH);
        McusHigh = Ceiling(Height, 8 * MaxV);
        foreach (JpegComponent component in Components)
        {
            component.Width = Ceiling(Width * component.H, MaxH);
            component.Height = Ceiling(Height * component.V, MaxV);
            component.PaddedBlocksWide = McusWide * component.H;
            component.PaddedBlocksHigh = McusHigh * component.V;
        }
    }

    /// <summary>The number of blocks that any complete file codes at least.</summary>
    public long Blocks => Components.Sum(c => (long)c.BlocksWide * c.BlocksHigh);

    /// <summary>Rents the planes and, for a progressive frame, the coefficients (cleared).</summary>
    public void Allocate()
    {
        foreach (JpegComponent component in Components)
        {
            int samples = component.PaddedBlocksWide * component.PaddedBlocksHigh * 64;
            component.Plane = ArrayPool<byte>.Shared.Rent(samples);
            if (Progressive)
            {
                component.Coefficients = ArrayPool<short>.Shared.Rent(samples);
                component.Coefficients.AsSpan(0, samples).Clear();
            }
        }
    }

    /// <summary>Gives the rented memory back.</summary>
    public void Dispose()
    {
        foreach (JpegComponent component in Components)
        {
            if (component.Plane is { } plane)
            {
                ArrayPool<byte>.Shared.Return(plane);
                component.Plane = null;
            }

            if (component.Coefficients is { } coefficients)
            {
                ArrayPool<short>.Shared.Return(coefficients);
                component.Coefficients = null;
            }
        }
    }

    private static int Ceiling(int value, int divisor) => (value + divisor - 1) / divisor;
}
