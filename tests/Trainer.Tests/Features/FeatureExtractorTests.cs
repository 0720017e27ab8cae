using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Inference;

namespace IlgpuSpp.Training.Tests.Features;

/// <summary>Activations against those of a 1×1 convolution written out by hand.</summary>
public sealed class FeatureExtractorTests : IDisposable
{
    private readonly CpuBackend _backend = TinyRun.Backend();
    private readonly TrainedModel _model;

    public FeatureExtractorTests()
    {
        var layers = new Sequential(
            new Conv2d(3, 4, 1) { Name = "conv1" }, new BatchNorm(4) { Name = "bn" }, new Relu { Name = "relu" },
            new SpatialPyramidPool(1, 2) { Name = "spp" }, new Linear(20, 3) { Name = "fc" });
        var model = new Model(new ModelDescription { Architecture = "tiny", Options = new ModelOptions { Classes = 3, Pyramid = [1, 2] } }, layers, _backend, 7);
        _model = new TrainedModel(model, new InputPreparation { MinSide = 6, CropSize = 4, Normalisation = InputNormalisation.Constant(100, 50) }, 4);
    }

    public void Dispose()
    {
        _model.Dispose();
        _backend.Dispose();
    }

    [Fact]
    public void AConvolutionMeansItsResponseAndRawItsSums()
    {
        RgbImage image = Image(7, 6), same = Image(7, 6, seed: 2), other = Image(6, 9);
        FeatureArray[][][] features = Extract(FeatureView.Full, [image, other, same], "conv1.raw", "conv1", "conv1@2", "pyramid", "pool6x6", "fc");
        Assert.Equal([6, 7, 4], features[0][0][0].Shape.ToArray());
        Assert.Equal([9, 6, 4], features[1][0][0].Shape.ToArray());
        foreach ((RgbImage source, int at) in ((RgbImage, int)[])[(image, 0), (other, 1), (same, 2)])
        {
            double[] sums = Sums(source);
            Assert.Equal(sums.Length, features[at][0][0].Values.Length);
            for (int i = 0; i < sums.Length; i++)
            {
                Assert.Equal(sums[i], features[at][0][0].Values[i], 1e-4);
                Assert.Equal(Math.Max(0, sums[i] / Math.Sqrt(1 + 1e-5)), features[at][0][1].Values[i], 1e-4);
            }
            FeatureArray response = features[at][0][1];
            float[] level2 = features[at][0][2].Values;
            Assert.Equal(level2, features[at][0][3].Values[4..]); // the pyramid's second level
            Assert.Equal(Enumerable.Range(0, 4).Select(c => response.Values.Where((_, i) => i % 4 == c).Max()), features[at][0][3].Values[..4]);
            Assert.Equal((36 * 4, 3), (features[at][0][4].Values.Length, features[at][0][5].Values.Length));
        }
        Assert.Contains(features[0][0][0].Values, value => value < 0);
    }

    [Fact]
    public void CropWarpAndTenViewsAreOfTheCropsSize()
    {
        RgbImage image = Image(9, 6);
        double[] sums = Sums(image);
        float[] crop = Extract(FeatureView.Crop, [image], "conv1.raw")[0][0][0].Values;
        FeatureArray[][] ten = Extract(FeatureView.Ten, [image], "conv1.raw")[0];
        Assert.Equal(10, ten.Length);
        Assert.Equal(crop, ten[0][0].Values);
        for (int y = 0; y < 4; y++)
            for (int x = 0; x < 4; x++)
                for (int c = 0; c < 4; c++)
                {
                    Assert.Equal(sums[((y + 1) * 9 + x + 2) * 4 + c], crop[(y * 4 + x) * 4 + c], 1e-4); // ⌊(9 − 4)/2⌋ = 2, ⌊(6 − 4)/2⌋ = 1
                    Assert.Equal(sums[(y * 9 + x + 5) * 4 + c], ten[4][0].Values[(y * 4 + x) * 4 + c], 1e-4); // upper right
                    Assert.Equal(sums[(y * 9 + (3 - x) + 5) * 4 + c], ten[5][0].Values[(y * 4 + x) * 4 + c], 1e-4); // and its mirror
                }
        Assert.Equal([4, 4, 4], Extract(FeatureView.Warp, [image], "conv1")[0][0][0].Shape.ToArray());
    }

    [Fact]
    public void WhatCannotBeTakenIsRefused()
    {
        UnknownLayerException unknown = Assert.Throws<UnknownLayerException>(() => Extract(FeatureView.Full, [Image(6, 6)], "conv9"));
        Assert.Contains("conv1, bn, relu, spp, fc", unknown.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Extract(FeatureView.Full, [Image(6, 6)], "conv1@0"));
        Assert.Throws<ArgumentException>(() => Extract(FeatureView.Full, [Image(6, 6)], "fc@2"));
        Assert.Throws<OptionsException>(() => new FeatureExtractor(_model, [FeatureRequest.Parse("fc", _model.Model.Network)], FeatureView.Crop, minimumSide: 3));
    }

    private FeatureArray[][][] Extract(FeatureView view, RgbImage[] images, params string[] layers)
    {
        using var extractor = new FeatureExtractor(_model, [.. layers.Select(layer => FeatureRequest.Parse(layer, _model.Model.Network))], view);
        return extractor.Extract([.. images]);
    }

    private double[] Sums(RgbImage image)
    {
        float[] weight = _model.Model.Network.Parameters[0].Value.ToArray(), bias = _model.Model.Network.Parameters[1].Value.ToArray();
        var sums = new double[image.Width * image.Height * 4];
        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] = bias[i % 4];
            for (int k = 0; k < 3; k++) sums[i] += (image.Pixels[i / 4 * 3 + k] - 100.0) / 50 * weight[k * 4 + i % 4];
        }
        return sums;
    }

    private static RgbImage Image(int width, int height, int seed = 1)
    {
        var image = new RgbImage(width, height);
        for (int i = 0; i < image.Pixels.Length; i++) image.Pixels[i] = (byte)((i * 97 + seed * 31 + i * i * 13) % 256);
        return image;
    }
}
