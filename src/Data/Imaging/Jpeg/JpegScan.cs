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
