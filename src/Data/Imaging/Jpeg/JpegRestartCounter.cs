namespace IlgpuSpp.Data.Imaging.Jpeg;

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
