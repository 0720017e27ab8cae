using IlgpuSpp.Models;

namespace IlgpuSpp.Inference;

/// <summary>How images are prepared for networks imported from Caffe: blue, green, red from 0 to 255, a mean subtracted.</summary>
public static class CaffePreparation
{
    // 224 of 256, the proportion of the crops of Caffe's ImageNet networks; 227 of 256 where the input is that of CaffeNet.
    private const double CropShare = 224.0 / 256;
    private const int UsualMinSide = 256;
    private const int SmallestUsualCrop = 200;

    /// <summary>The mean that Caffe's ImageNet networks subtract from blue, green and red.</summary>
    public static IReadOnlyList<float> ImageNetMean { get; } = [104, 117, 123];

    /// <summary>Subtracts one number from each channel.</summary>
    /// <param name="input">What the <c>.prototxt</c> says.</param>
    /// <param name="mean">The values for blue, green and red, 0 to 255.</param>
    public static InputPreparation Of(CaffeInput input, IReadOnlyList<float> mean)
    {
        if (mean.Count != 3) throw new ArgumentException($"A mean has three values, not {mean.Count}.", nameof(mean));
        return Sized(input, InputNormalisation.PerChannel(new RgbValues(mean[2], mean[1], mean[0]), RgbValues.All(1 / input.Scale)));
    }

    /// <summary>Subtracts a mean image.</summary>
    /// <param name="input">What the <c>.prototxt</c> says.</param>
    /// <param name="mean">The image of a <c>.binaryproto</c> file: <c>[…, 3, height, width]</c>, blue, green, red.</param>
    public static InputPreparation Of(CaffeInput input, CaffeBlob mean)
    {
        int height = (int)mean.Extents[^2], width = (int)mean.Extents[^1];
        var pixels = new float[height * width * 3];
        for (int channel = 0; channel < 3; channel++)
            for (int i = 0; i < height * width; i++)
                pixels[i * 3 + 2 - channel] = mean.Values[channel * height * width + i];
        return Sized(input, InputNormalisation.FromMeanImage(new MeanImage(width, height, pixels), 1 / input.Scale));
    }

    private static InputPreparation Sized(CaffeInput input, InputNormalisation normalisation)
    {
        int side = Math.Min(input.Height, input.Width);
        return new InputPreparation
        {
            MinSide = side is >= SmallestUsualCrop and <= UsualMinSide ? UsualMinSide : (int)Math.Round(side / CropShare, MidpointRounding.AwayFromZero),
            CropSize = side,
            Normalisation = normalisation with { ChannelOrder = ChannelOrder.Bgr },
        };
    }
}
