using System.Numerics;

namespace IlgpuSpp.Data.Imaging.Png;

/// <summary>The five row filters of PNG (W3C PNG specification, section 9.2).</summary>
internal static class PngFilter
{
    /// <summary>Undoes a filter in place.</summary>
    /// <param name="type">The filter, 0 to 4.</param>
    /// <param name="row">The filtered bytes; reconstructed on return.</param>
    /// <param name="above">The reconstructed row above, zeros for the first.</param>
    /// <param name="step">Bytes from one pixel to the next, at least 1.</param>
    /// <returns>Whether there is such a filter.</returns>
    public static bool Undo(int type, Span<byte> row, ReadOnlySpan<byte> above, int step)
    {
        above = above[..row.Length];
        switch (type)
        {
            case 0:
                return true;
            case 1:
                for (int i = step; i < row.Length; i++) row[i] += row[i - step];

                return true;
            case 2:
                UndoUp(row, above);
                return true;
            case 3:
                for (int i = 0; i < Math.Min(step, row.Length); i++) row[i] += (byte)(above[i] >> 1);

                for (int i = step; i < row.Length; i++) row[i] += (byte)((row[i - step] + above[i]) >> 1);

                return true;
            case 4:
                UndoUp(row[..Math.Min(step, row.Length)], above);
                if (step == 3)
                {
                    UndoPaeth3(row, above);
                    return true;
                }

                for (int i = step; i < row.Length; i++) row[i] += Paeth(row[i - step], above[i], above[i - step]);

                return true;
            default:
                return false;
        }
    }

    /// <summary>Applies a filter.</summary>
    /// <param name="type">The filter, 0 to 4.</param>
    /// <param name="row">The bytes of the row.</param>
    /// <param name="above">The row above, zeros for the first.</param>
    /// <param name="step">Bytes from one pixel to the next, at least 1.</param>
    /// <param name="filtered">The result, as long as the row.</param>
    /// <returns>The sum of the result's magnitudes as signed bytes: the usual estimate of how well it will compress.</returns>
    public static long Apply(int type, ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, int step, Span<byte> filtered)
    {
        long sum = 0;
        for (int i = 0; i < row.Length; i++)
        {
            int left = i >= step ? row[i - step] : 0, up = above[i], corner = i >= step ? above[i - step] : 0;
            int predicted = type switch
            {
                0 => 0,
                1 => left,
                2 => up,
                3 => (left + up) >> 1,
                _ => Paeth(left, up, corner),
            };
            filtered[i] = (byte)(row[i] - predicted);
            sum += Math.Abs((int)(sbyte)filtered[i]);
        }

        return sum;
    }

    private static void UndoUp(Span<byte> row, ReadOnlySpan<byte> above)
    {
        int i = 0;
        for (; i <= row.Length - Vector<byte>.Count; i += Vector<byte>.Count)
            (new Vector<byte>(row[i..]) + new Vector<byte>(above[i..])).CopyTo(row[i..]);

        for (; i < row.Length; i++) row[i] += above[i];
    }

    /// <summary>The common case of 8-bit RGB: three predictions side by side, their left neighbours kept in registers.</summary>
    private static void UndoPaeth3(Span<byte> row, ReadOnlySpan<byte> above)
    {
        if (row.Length < 3) return;
        int left0 = row[0], left1 = row[1], left2 = row[2];
        int corner0 = above[0], corner1 = above[1], corner2 = above[2];
        for (int i = 3; i + 2 < row.Length; i += 3)
        {
            int up0 = above[i], up1 = above[i + 1], up2 = above[i + 2];
            left0 = (row[i] + Paeth(left0, up0, corner0)) & 255;
            left1 = (row[i + 1] + Paeth(left1, up1, corner1)) & 255;
            left2 = (row[i + 2] + Paeth(left2, up2, corner2)) & 255;
            row[i] = (byte)left0;
            row[i + 1] = (byte)left1;
            row[i + 2] = (byte)left2;
            (corner0, corner1, corner2) = (up0, up1, up2);
        }
    }

    private static byte Paeth(int left, int up, int corner)
    {
        int toLeft = Math.Abs(up - corner), toUp = Math.Abs(left - corner), toCorner = Math.Abs(left + up - (2 * corner));

        // Written so that each choice can become a conditional move: on photographs branches would be guessed wrong half of the time.
        int best = toUp <= toCorner ? up : corner;
        int smallest = Math.Min(toUp, toCorner);
        return (byte)(toLeft <= smallest ? left : best);
    }
}
