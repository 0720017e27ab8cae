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
                for (var i = step; i < row.Length; i++)
                {
                    row[i] += row[i - step];
                }

                return true;
            case 2:
                for (var i = 0; i < row.Length; i++)
                {
                    row[i] += above[i];
                }

                return true;
            case 3:
                for (var i = 0; i < row.Length; i++)
                {
                    row[i] += (byte)(((i >= step ? row[i - step] : 0) + above[i]) >> 1);
                }

                return true;
            case 4:
                for (var i = 0; i < row.Length; i++)
                {
                    row[i] += i >= step ? Paeth(row[i - step], above[i], above[i - step]) : above[i];
                }

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
        for (var i = 0; i < row.Length; i++)
        {
            int left = i >= step ? row[i - step] : 0, up = above[i], corner = i >= step ? above[i - step] : 0;
            var predicted = type switch
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

    private static byte Paeth(int left, int up, int corner)
    {
        int toLeft = Math.Abs(up - corner), toUp = Math.Abs(left - corner), toCorner = Math.Abs(left + up - (2 * corner));
        return (byte)(toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner);
    }
}
