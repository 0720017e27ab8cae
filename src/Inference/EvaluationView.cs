namespace IlgpuSpp.Inference;

/// <summary>What of an image the network sees when accuracy is measured.</summary>
public enum EvaluationView
{
    /// <summary>The centre crop of the image resized to the minimum side (the paper's single view).</summary>
    Crop,

    /// <summary>The whole image resized to the minimum side (the paper's full-image view).</summary>
    Full,
}
