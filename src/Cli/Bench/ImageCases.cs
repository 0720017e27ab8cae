using System.Diagnostics;
using IlgpuSpp.Cli.Commands;
using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Cli.Bench;

/// <summary>The loader alone: every image of a data set decoded, resized, cropped, altered and put into batches, none kept from one repetition to the next.</summary>
internal sealed class LoadCase : IBenchCase
{
    private readonly BatchLoader _loader;
    private readonly int _size;
    private int _epoch;

    public LoadCase(BenchSetup setup)
    {
        if (setup.Size is { } sides && sides.Width != sides.Height) throw new UsageException("load makes square crops; --size takes one number.");
        ImageDataset data = ImageDataset.Open(setup.Data ?? throw new UsageException("load needs --data: a folder of class folders or a CSV manifest."));
        _size = setup.Size?.Width ?? new InputPreparation().CropSize;
        // The paper's preparation in proportion to the crop.
        var preparation = new InputPreparation { ReducedDecoding = setup.ReducedDecoding, CropSize = _size, MinSide = (_size * new InputPreparation().MinSide + new InputPreparation().CropSize - 1) / new InputPreparation().CropSize };
        _loader = new BatchLoader(
            new PreparedImages(data, preparation, cacheBytes: 0), new TrainingAugmentation(preparation, AugmentationOptions.Paper with { PcaSigma = 0 }),
            new LoaderOptions { BatchSize = setup.Batch, Threads = setup.Backend.Device.Parallelism });
        Images = data.Count;
    }

    public int Images { get; }

    public void Run()
    {
        foreach (Batch batch in _loader.Epoch(_epoch++, _size)) _ = batch;
    }

    public void Dispose() => _loader.Dispose();
}

/// <summary>One image named by a classifier that has been loaded: decoding, preparation, pass.</summary>
internal sealed class PredictCase : IBenchCase
{
    private readonly Classifier _classifier;
    private readonly string _image;

    public PredictCase(BenchSetup setup)
    {
        (string model, string image) = ProcessCase.Needed("predict", setup);
        _classifier = Classifier.Load(model, setup.Backend);
        _image = image;
    }

    public int Images => 1;

    public void Run() => _classifier.Predict(ImageDecoder.DecodeFile(_image));

    public void Dispose() => _classifier.Dispose();
}

/// <summary>The same by a program of its own, from its start to its end.</summary>
internal sealed class ProcessCase : IBenchCase
{
    private readonly ProcessStartInfo _start;

    public ProcessCase(BenchSetup setup)
    {
        (string model, string image) = Needed("startup", setup);
        string program = Path.Combine(AppContext.BaseDirectory, "ilgpuspp");
        string[] words = ["predict", image, "--model", model, "--device", setup.Backend.Device.Name];
        _start = File.Exists(program) ? new ProcessStartInfo(program, words) : new ProcessStartInfo("dotnet", [program + ".dll", .. words]);
        _start.RedirectStandardOutput = true;
    }

    public int Images => 1;

    /// <summary>The model and the image that a case cannot do without.</summary>
    /// <exception cref="UsageException">One is missing.</exception>
    public static (string Model, string Image) Needed(string name, BenchSetup setup) => setup is { Model: { } model, Data: { } image } && !Zoo.Contains(model)
        ? (model, image)
        : throw new UsageException($"{name} needs --model, the file of a trained model, and --data, an image.");

    public void Run()
    {
        using Process process = Process.Start(_start)!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new UsageException("the program started for the measurement failed; its message stands above.");
    }

    public void Dispose()
    {
    }
}
