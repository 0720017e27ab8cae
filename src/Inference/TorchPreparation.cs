namespace IlgpuSpp.Inference;

/// <summary>How images are prepared for torchvision's ImageNet networks: red, green, blue, mean and spread of ImageNet, 224 of 256 pixels.</summary>
public static class TorchPreparation
{
    private const float White = 255;

    /// <summary>Side of the networks' input in pixels.</summary>
    public const int InputSize = 224;

    /// <summary>The preparation; torchvision's values are shares of white, these are in the units of pixels.</summary>
    public static InputPreparation ImageNet { get; } = new()
    {
        MinSide = 256,
        CropSize = InputSize,
        Normalisation = InputNormalisation.PerChannel(
            new RgbValues(0.485f * White, 0.456f * White, 0.406f * White), new RgbValues(0.229f * White, 0.224f * White, 0.225f * White)),
    };
}
