namespace IlgpuSpp.Data;

/// <summary>What is subtracted from the pixels.</summary>
public enum NormalisationKind
{
    /// <summary>One colour, the same at every pixel.</summary>
    Colour,

    /// <summary>A mean image, resized to the input ("warped"; the paper, section 3.1).</summary>
    MeanImage,
}
