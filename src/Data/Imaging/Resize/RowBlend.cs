using System.Numerics;
using System.Runtime.Intrinsics;

namespace IlgpuSpp.Data.Imaging;

/// <summary>The inner loops of resizing: weighted sums of rows, then of pixels within a row.</summary>
internal static class RowBlend
{
    /// <summary><c>sums = (add ? sums : 0) + first * firstWeight + second * secondWeight</c> over bytes.</summary>
    public static void Accumulate(ReadOnlySpan<byte> first, float firstWeight, ReadOnlySpan<byte> second, float secondWeight, bool add, Span<float> sums)
    {
        int i = 0;
        if (Vector.IsHardwareAccelerated)
        {
            int count = Vector<float>.Count;
            for (; i <= sums.Length - Vector<byte>.Count; i += Vector<byte>.Count)
            {
                Vector.Widen(new Vector<byte>(first[i..]), out Vector<ushort> a0, out Vector<ushort> a1);
                Vector.Widen(new Vector<byte>(second[i..]), out Vector<ushort> b0, out Vector<ushort> b1);
                Vector.Widen(a0, out Vector<uint> a00, out Vector<uint> a01);
                Vector.Widen(a1, out Vector<uint> a10, out Vector<uint> a11);
                Vector.Widen(b0, out Vector<uint> b00, out Vector<uint> b01);
                Vector.Widen(b1, out Vector<uint> b10, out Vector<uint> b11);
                Add(a00, b00, firstWeight, secondWeight, add, sums.Slice(i, count));
                Add(a01, b01, firstWeight, secondWeight, add, sums.Slice(i + count, count));
                Add(a10, b10, firstWeight, secondWeight, add, sums.Slice(i + (2 * count), count));
                Add(a11, b11, firstWeight, secondWeight, add, sums.Slice(i + (3 * count), count));
            }
        }

        for (; i < sums.Length; i++)
            sums[i] = (add ? sums[i] : 0) + ((first[i] * firstWeight) + (second[i] * secondWeight));
    }

    /// <summary>The same over floats.</summary>
    public static void Accumulate(ReadOnlySpan<float> first, float firstWeight, ReadOnlySpan<float> second, float secondWeight, bool add, Span<float> sums)
    {
        int i = 0;
        if (Vector.IsHardwareAccelerated)
        {
            for (; i <= sums.Length - Vector<float>.Count; i += Vector<float>.Count)
            {
                Vector<float> value = (new Vector<float>(first[i..]) * firstWeight) + (new Vector<float>(second[i..]) * secondWeight);
                (add ? new Vector<float>(sums[i..]) + value : value).CopyTo(sums[i..]);
            }
        }

        for (; i < sums.Length; i++)
            sums[i] = (add ? sums[i] : 0) + ((first[i] * firstWeight) + (second[i] * secondWeight));
    }

    /// <summary>Weighted sums along a row.</summary>
    /// <param name="row"><c>[pixels, channels]</c> from position <paramref name="offset"/> on, followed by one float that is read but not used.</param>
    /// <param name="offset">The source position of the row's first pixel.</param>
    /// <param name="channels">Values a pixel.</param>
    /// <param name="weights">The horizontal weights.</param>
    /// <param name="to"><c>[outputs, channels]</c>.</param>
    public static void Along(ReadOnlySpan<float> row, int offset, int channels, ResizeWeights weights, Span<float> to)
    {
        int taps = weights.Taps;
        ReadOnlySpan<int> first = weights.First;
        ReadOnlySpan<float> factors = weights.Weights;
        int done = 0;
        if (channels == 3)
        {
            // Four lanes carry three channels; the fourth is overwritten by the next pixel, so the last pixel is left to the loop below.
            for (; done < first.Length - 1; done++)
            {
                ReadOnlySpan<float> from = row[((first[done] - offset) * 3)..];
                Vector128<float> sum = Vector128<float>.Zero;
                for (int t = 0; t < taps; t++) sum += Vector128.Create(from[(3 * t)..]) * factors[(done * taps) + t];

                sum.CopyTo(to[(3 * done)..]);
            }
        }

        for (; done < first.Length; done++)
        {
            int from = (first[done] - offset) * channels;
            for (int c = 0; c < channels; c++)
            {
                float sum = 0;
                for (int t = 0; t < taps; t++) sum += row[from + (t * channels) + c] * factors[(done * taps) + t];

                to[(done * channels) + c] = sum;
            }
        }
    }

    private static void Add(Vector<uint> first, Vector<uint> second, float firstWeight, float secondWeight, bool add, Span<float> sums)
    {
        // Widened bytes are small, so the signed conversion, which is one instruction, gives the same value.
        Vector<float> value = (Vector.ConvertToSingle(Vector.AsVectorInt32(first)) * firstWeight) + (Vector.ConvertToSingle(Vector.AsVectorInt32(second)) * secondWeight);
        (add ? new Vector<float>(sums) + value : value).CopyTo(sums);
    }
}
