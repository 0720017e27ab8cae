namespace IlgpuSpp.Data.Imaging;

/// <summary>How densely a JPEG file stores its colour components.</summary>
public enum JpegSampling
{
    /// <summary>4:4:4: colour at full resolution.</summary>
    Full,

    /// <summary>4:2:0: one colour sample for 2 x 2 pixels, as photographs usually have.</summary>
    Half,
}
