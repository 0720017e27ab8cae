namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// Which patches of an NHWC map a product sums over: a grid of windows <c>[batch, gridHeight, gridWidth]</c>, each
/// <c>[kernelHeight, kernelWidth, channels of the group]</c>, with zeros outside the map. Forward, input gradient and
/// weight gradient of a convolution differ in the map and in this grid alone.
/// </summary>
internal unsafe struct PatchGrid
{
    /// <summary>The map <c>[batch, height, width, channels]</c>.</summary>
    public float* Map;

    /// <summary>Extents of the map.</summary>
    public int Height, Width, Channels;

    /// <summary>Channels that one group sees.</summary>
    public int GroupChannels;

    /// <summary>Windows along each side of one image.</summary>
    public int GridHeight, GridWidth;

    /// <summary>Extents of a window.</summary>
    public int KernelHeight, KernelWidth;

    /// <summary>Distance between windows.</summary>
    public int StrideHeight, StrideWidth;

    /// <summary>First row and column of window (0, 0), counted upwards and to the left; may be negative.</summary>
    public int PadHeight, PadWidth;

    /// <summary>Floats of a window.</summary>
    public readonly int Depth => KernelHeight * KernelWidth * GroupChannels;

    /// <summary>The grid of a convolution's forward pass.</summary>
    public static PatchGrid Forward(float* map, Shape x, Shape y, ConvGeometry geometry) => new()
    {
        Map = map,
        Height = x.Height,
        Width = x.Width,
        Channels = x.Channels,
        GroupChannels = x.Channels / geometry.Groups,
        GridHeight = y.Height,
        GridWidth = y.Width,
        KernelHeight = geometry.KernelHeight,
        KernelWidth = geometry.KernelWidth,
        StrideHeight = geometry.StrideHeight,
        StrideWidth = geometry.StrideWidth,
        PadHeight = geometry.PadHeight,
        PadWidth = geometry.PadWidth,
    };

    /// <summary>Where a window of the batch lies.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly GridPlace Place(int window)
    {
        int perImage = GridHeight * GridWidth, image = window / perImage, inImage = window - image * perImage, row = inImage / GridWidth;
        return new GridPlace { Image = image, Row = row, Column = inImage - row * GridWidth };
    }

    /// <summary>The place of the window after one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly GridPlace Next(GridPlace at)
    {
        if (++at.Column < GridWidth) return at;
        at.Column = 0;
        if (++at.Row < GridHeight) return at;
        at.Row = 0;
        at.Image++;
        return at;
    }

    /// <summary>A window of all channels: as it lies on the map where it is wholly inside, else gathered.</summary>
    /// <param name="at">The window.</param>
    /// <param name="patch">Room for it.</param>
    /// <param name="line">Receives the floats between its rows.</param>
    public readonly float* Window(GridPlace at, float* patch, out nint line)
    {
        int top = at.Row * StrideHeight - PadHeight, left = at.Column * StrideWidth - PadWidth;
        if (top >= 0 && left >= 0 && top + KernelHeight <= Height && left + KernelWidth <= Width)
        {
            line = (nint)Width * Channels;
            return Map + ((nint)at.Image * Height + top) * line + (nint)left * Channels;
        }
        line = (nint)KernelWidth * Channels;
        Gather(at, 0, 0, Depth, patch);
        return patch;
    }

    /// <summary>Copies a range of one window's floats, ordered by row, column, channel.</summary>
    /// <param name="at">The window.</param>
    /// <param name="group">The channel group.</param>
    /// <param name="first">First float of the range.</param>
    /// <param name="count">Length of the range.</param>
    /// <param name="destination">Receives the range.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Gather(GridPlace at, int group, int first, int count, float* destination)
    {
        if (count == 0) return;
        int line = KernelWidth * GroupChannels, end = first + count;
        int top = at.Row * StrideHeight - PadHeight, left = at.Column * StrideWidth - PadWidth;
        float* start = Map + (nint)at.Image * Height * Width * Channels;
        int row = first / line;
        if (GroupChannels == Channels && top >= 0 && left >= 0 && top + KernelHeight <= Height && left + KernelWidth <= Width)
        {
            // All inside: the lines lie a map's row apart.
            nint mapLine = (nint)Width * Channels;
            float* source = start + (top + row) * mapLine + (nint)left * Channels + (first - row * line);
            int run = Math.Min(count, (row + 1) * line - first);
            RunCopy.Copy(source, destination, run);
            source += mapLine - (first - row * line);
            destination += run;
            for (count -= run; count >= line; count -= line)
            {
                RunCopy.Copy(source, destination, line);
                source += mapLine;
                destination += line;
            }
            RunCopy.Copy(source, destination, count);
            return;
        }
        for (int lineFirst = row * line; lineFirst < end; lineFirst += line, row++)
        {
            int from = Math.Max(first, lineFirst) - lineFirst, to = Math.Min(end, lineFirst + line) - lineFirst;
            int y = top + row;
            if ((uint)y >= (uint)Height) RunCopy.Zero(destination, to - from);
            else if (GroupChannels == Channels) GatherLine(start, y, left, from, to, destination);
            else GatherGroupLine(start, y, left, group, from, to, destination);
            destination += to - from;
        }
    }

    // With one group the columns of a window lie one after another.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void GatherLine(float* start, int y, int left, int from, int to, float* destination)
    {
        float* source = start + ((nint)y * Width + left) * Channels;
        if (left >= 0 && left + KernelWidth <= Width)
        {
            RunCopy.Copy(source + from, destination, to - from);
            return;
        }
        int inside = Math.Clamp(-left * Channels, from, to), outside = Math.Clamp((Width - left) * Channels, inside, to);
        RunCopy.Zero(destination, inside - from);
        RunCopy.Copy(source + inside, destination + (inside - from), outside - inside);
        RunCopy.Zero(destination + (outside - from), to - outside);
    }

    private readonly void GatherGroupLine(float* start, int y, int left, int group, int from, int to, float* destination)
    {
        while (from < to)
        {
            int column = from / GroupChannels, channel = from - column * GroupChannels;
            int run = Math.Min(GroupChannels - channel, to - from), x = left + column;
            if ((uint)x < (uint)Width)
                RunCopy.Copy(start + ((nint)y * Width + x) * Channels + group * GroupChannels + channel, destination, run);
            else
                RunCopy.Zero(destination, run);
            from += run;
            destination += run;
        }
    }
}

/// <summary>The place of a window: its image, and its row and column among the image's windows.</summary>
internal struct GridPlace
{
    public int Image, Row, Column;
}
