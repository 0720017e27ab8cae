namespace IlgpuSpp.Data;

/// <summary>How a training crop is chosen.</summary>
public enum CropMode
{
    /// <summary>Always the middle.</summary>
    Centre,

    /// <summary>The middle or one of the four corners of the whole image, each with the same chance (the paper, section 3.1).</summary>
    FivePositions,

    /// <summary>Any whole-pixel offset, each with the same chance (Krizhevsky et al., 2012).</summary>
    Random,

    /// <summary>A window of random area, aspect ratio and place (Szegedy et al., "Going deeper with convolutions", 2015).</summary>
    RandomResized,
}
