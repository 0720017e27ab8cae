using System.Globalization;
using IlgpuSpp.Models;

namespace IlgpuSpp.Inference;

/// <summary>How images are prepared for networks imported from ONNX: what a file of this program says, or what the caller does.</summary>
public static class OnnxPreparation
{
    private const int UsualMinSide = 256, UsualCrop = 224;

    /// <summary>What the file says, or null where it says nothing.</summary>
    /// <param name="result">The network.</param>
    /// <returns>The preparation, and the side of the network's input.</returns>
    /// <exception cref="DataFormatException">It names a mean image, which ONNX files do not hold.</exception>
    public static (InputPreparation Preparation, int InputSize)? Said(OnnxImportResult result) =>
        result.Metadata.TryGetValue(TrainedModel.PreparationFact, out string? json) && result.Metadata.TryGetValue(TrainedModel.SizeFact, out string? text) &&
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int size) && size > 0
            ? (InputPreparation.FromJson(json), size)
            : null;

    /// <summary>Subtracts a colour and divides by a spread.</summary>
    /// <param name="result">The network; the crop is its input, of images resized in the proportion 256 to 224.</param>
    /// <param name="mean">What is subtracted, 0 to 255.</param>
    /// <param name="std">What the difference is divided by, in the units of pixels.</param>
    /// <param name="order">The order of the network's channels.</param>
    public static InputPreparation Of(OnnxImportResult result, RgbValues mean, RgbValues std, ChannelOrder order)
    {
        int side = Math.Min(result.Height, result.Width);
        return new InputPreparation
        {
            MinSide = (int)Math.Round((double)side * UsualMinSide / UsualCrop, MidpointRounding.AwayFromZero),
            CropSize = side,
            Normalisation = InputNormalisation.PerChannel(mean, std) with { ChannelOrder = order },
        };
    }
}
