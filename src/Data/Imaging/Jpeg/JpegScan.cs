namespace IlgpuSpp.Data.Imaging.Jpeg;

/// <summary>What a start-of-scan segment declares (T.81, B.2.3).</summary>
/// <param name="Components">The components coded in the scan; more than one are interleaved by MCU.</param>
/// <param name="First">The first zigzag index coded.</param>
/// <param name="Last">The last zigzag index coded.</param>
/// <param name="High">Successive approximation: the bit known before, 0 for none.</param>
/// <param name="Low">Successive approximation: the bit position of this scan.</param>
/// <param name="RestartInterval">MCUs between restart markers, 0 for none.</param>
internal sealed record JpegScan(JpegComponent[] Components, int First, int Last, int High, int Low, int RestartInterval)
{
    /// <summary>MCUs in a row: blocks of the component where it is alone.</summary>
    public int McusWide(JpegFrame frame) => Components.Length == 1 ? Components[0].BlocksWide : frame.McusWide;

    /// <inheritdoc cref="McusWide"/>
    public int McusHigh(JpegFrame frame) => Components.Length == 1 ? Components[0].BlocksHigh : frame.McusHigh;
}

/// <summary>Counts MCUs up to the next restart marker of a scan and steps over it.</summary>
internal struct JpegRestartCounter(JpegScan scan, ImageErrors errors)
{
    private int _left = scan.RestartInterval;
    private int _number;

    /// <summary>To be called before each MCU.</summary>
    /// <returns>Whether a restart took place, so that run lengths begin anew; the DC predictors are reset already.</returns>
    public bool Advance(ref JpegBitReader reader)
    {
        if (scan.RestartInterval == 0 || _left-- > 0) return false;
        ThrowIfOverrun(ref reader, errors);
        if (!reader.Restart(_number))
            throw reader.AtEndOfData ? errors.Truncated("before a restart marker") : errors.Corrupt($"restart marker {_number} is missing");

        _number = (_number + 1) & 7;
        _left = scan.RestartInterval - 1;
        foreach (JpegComponent component in scan.Components) component.DcPredictor = 0;

        return true;
    }

    public static void ThrowIfOverrun(ref JpegBitReader reader, ImageErrors errors)
    {
        if (reader.Overrun)
            throw reader.AtEndOfData ? errors.Truncated("in the middle of a scan") : errors.Corrupt("a scan ends before all of its blocks are coded");
    }
}
