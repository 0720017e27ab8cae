namespace IlgpuSpp.Detection;

/// <summary>Colour spaces of selective search (Uijlings et al., IJCV 2013, section 4.1); every channel is scaled to 0 to 255.</summary>
public enum ColourSpace
{
    /// <summary>Red, green and blue as they are.</summary>
    Rgb,

    /// <summary>Hue, saturation, value. Hue wraps: 0 and 256 are both red.</summary>
    Hsv,

    /// <summary>CIE L*a*b* under D65: L* times 2.55, a* and b* plus 128.</summary>
    Lab,

    /// <summary>Normalised red and green, r = R/(R+G+B) and g = G/(R+G+B), times 255, and the intensity.</summary>
    RgI,

    /// <summary>Hue alone.</summary>
    Hue,

    /// <summary>Intensity alone: the mean of red, green and blue.</summary>
    Intensity,
}
