using IlgpuSpp.Data;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Engine;
using IlgpuSpp.Engine.Cpu;
using IlgpuSpp.Inference;
using IlgpuSpp.Layers;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace IlgpuSpp.Pretrained.Tests;

/// <summary>The converted ResNet-18 computes what the package's own files compute in ONNX Runtime, on photographs.</summary>
public sealed class ImageNetFeatureTests
{
    private const int Side = 224, Area = Side * Side;

    [PulledWeightsFact]
    public async Task Features_EqualThoseOfThePackage()
    {
        using var folder = new Processes.TemporaryFolder();
        PretrainedNetwork network = PretrainedNetwork.All[0];
        string package = folder["package.nupkg"];
        await new PackageSources(Directory.GetCurrentDirectory()).DownloadAsync(network, package, CancellationToken.None);
        System.IO.Compression.ZipFile.ExtractToDirectory(package, folder["package"]);
        using var preprocess = new InferenceSession(Path.Combine(folder["package"], network.MeanFile!));
        using var resnet = new InferenceSession(Path.Combine(folder["package"], network.Network));

        using var cpu = new CpuBackend(new CpuOptions { Threads = 2 });
        using TrainedModel model = TrainedModel.Load(PulledWeights.File, cpu);
        using NetworkPass pass = model.Model.Network.Plan(new Shape(1, Side, Side, 3), PassMode.Inference);
        string[] photographs = [.. Directory.EnumerateDirectories(Photographs.Folder!).Order(StringComparer.Ordinal).SelectMany(kind => Directory.EnumerateFiles(kind, "*.jpg").Order(StringComparer.Ordinal).Take(2))];
        Assert.Equal(20, photographs.Length);
        foreach (string photograph in photographs)
        {
            RgbImage image = model.Preparation.ResizeMinSide(ImageDecoder.DecodeFile(photograph));
            var input = new float[3 * Area];
            model.Preparation.WriteCrop(image, CropPosition.Centre, flip: false, Side, input);
            pass.Input.Upload(input);
            pass.Forward();
            float[] actual = pass.Output.ToArray();

            // The package's own preparation takes the pixels, red, green, blue, 0 to 255.
            var pixels = new float[3 * Area];
            (model.Preparation with { Normalisation = InputNormalisation.None }).WriteCrop(image, CropPosition.Centre, flip: false, Side, pixels);
            float[] prepared = Run(preprocess, "OriginalInput", Planes(pixels)), expected = Run(resnet, "Input247", prepared);
            Close(prepared, Planes(input), 1e-5, photograph);
            Close(expected, actual, 1e-4, photograph);
        }
    }

    private static float[] Planes(float[] pixels)
    {
        var planes = new float[pixels.Length];
        for (int i = 0; i < Area; i++)
            for (int channel = 0; channel < 3; channel++)
                planes[channel * Area + i] = pixels[3 * i + channel];
        return planes;
    }

    private static float[] Run(InferenceSession session, string name, float[] input)
    {
        using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> outputs = session.Run([NamedOnnxValue.CreateFromTensor(name, new DenseTensor<float>(input, [1, 3, Side, Side]))]);
        return [.. outputs[0].AsEnumerable<float>()];
    }

    private static void Close(float[] expected, float[] actual, double tolerance, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        double largest = expected.Max(value => Math.Abs((double)value)), difference = expected.Zip(actual, (a, b) => Math.Abs((double)a - b)).Max();
        Assert.True(largest > 0.1 && difference <= tolerance * largest, $"{what}: {difference} apart, the largest value is {largest}");
    }
}
