namespace IlgpuSpp.Detection;

/// <summary>The similarities of selective search; a hierarchy adds up those it uses, each from 0 to 1 (Uijlings et al., IJCV 2013, section 3.2).</summary>
[Flags]
public enum RegionSimilarity
{
    /// <summary>None: not a valid choice.</summary>
    None = 0,

    /// <summary>Intersection of the colour histograms, 25 bins a channel (equation 1).</summary>
    Colour = 1,

    /// <summary>Intersection of the texture histograms: 8 orientations of Gaussian derivatives, 10 bins each, every channel (equation 3).</summary>
    Texture = 2,

    /// <summary>1 − (size(a) + size(b)) / size(image): small regions merge early (equation 4).</summary>
    Size = 4,

    /// <summary>1 − (size(box around both) − size(a) − size(b)) / size(image): regions that fit into each other merge early (equation 5).</summary>
    Fill = 8,
}
