using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Inference;

namespace IlgpuSpp.Training.Tests.Inference;

/// <summary>An untrained classifier of three classes and images of noise.</summary>
internal static class SmallClassifier
{
    public static readonly InputPreparation Preparation = new() { MinSide = 56, CropSize = 48, Normalisation = InputNormalisation.Constant(128, 60) };

    public static TrainedModel Create(Backend backend)
    {
        Model model = Zoo.Create("spp-small", new ModelOptions { Classes = 3 }, backend, seed: 9);
        model.Description = model.Description with { ClassNames = [.. TinyRun.Classes] };
        return new TrainedModel(model, Preparation, 48);
    }

    public static RgbImage Noise(int width, int height, uint seed)
    {
        var random = new RandomStream(new RandomKey(7, 8, seed));
        var image = new RgbImage(width, height);
        for (int i = 0; i < image.Pixels.Length; i++) image.Pixels[i] = (byte)random.NextInt(256);
        return image;
    }
}
