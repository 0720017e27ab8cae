namespace IlgpuSpp.Inference;

/// <summary>What of an image features are taken from.</summary>
public enum FeatureView
{
    /// <summary>The centre crop of the image resized to the minimum side.</summary>
    Crop,

    /// <summary>The whole image resized to the minimum side, at its own aspect ratio.</summary>
    Full,

    /// <summary>The whole image warped to the square of the crop, at the cost of its aspect ratio.</summary>
    Warp,

    /// <summary>The crops at the centre and the four corners, each plain and mirrored: ten rows of features.</summary>
    Ten,
}
