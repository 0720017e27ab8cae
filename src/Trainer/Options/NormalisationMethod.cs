namespace IlgpuSpp.Training;

/// <summary>How the numbers of the input normalisation are found.</summary>
public enum NormalisationMethod
{
    /// <summary>Mean and standard deviation of every colour channel over the training images.</summary>
    PerChannel,

    /// <summary>128 is subtracted everywhere, as the paper does for VOC 2007 and Caltech-101.</summary>
    Constant128,

    /// <summary>The mean image of the training crops is subtracted, as the paper does for ImageNet.</summary>
    MeanImage,
}
