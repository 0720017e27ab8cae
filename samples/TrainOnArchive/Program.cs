// Images from a source of one's own: those in a zip archive with one folder for every class, read where they lie. Folders
// below one named test are kept for the end, where the surest mistakes among them are named.
//   dotnet run -c Release --project samples/TrainOnArchive -- photos.zip runs/photos [epochs]
using System.IO.Compression;
using IlgpuSpp;
using IlgpuSpp.Data;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Inference;
using IlgpuSpp.Models;
using IlgpuSpp.Training;

if (args.Length < 2)
{
    Console.Error.WriteLine("usage: TrainOnArchive PHOTOS.zip RUN [EPOCHS]");
    return 2;
}

using var device = Device.Open("auto");
using var archive = new ArchiveImages(args[0]);
DatasetSplit photos = archive.ToDataset(args[0]).Split(trainShare: 0.8, seed: 1);
using var model = Zoo.Create("spp-small", new ModelOptions { Classes = photos.Train.ClassNames.Count, Pyramid = [1, 2, 3, 6] }, device, seed: 1);
var options = new TrainerOptions { Sizes = [64], Epochs = args.Length > 2 ? int.Parse(args[2]) : 20, LearningRate = 0.02, Schedule = ScheduleKind.Cosine };
try
{
    RunResult run = new Trainer(model, options).Fit(photos.Train, photos.Validation, args[1], overwrite: true);
    using TrainedModel best = TrainedModel.Load(run.BestModel, device);
    using var evaluator = new Evaluator(best);
    ImageDataset held = photos.Test ?? photos.Validation;
    EvaluationResult result = evaluator.Evaluate(held, EvaluationView.Full);
    ConfusionMatrix confusion = result.Confusion;
    for (int label = 0; label < confusion.Classes; label++)
        Console.WriteLine($"{result.ClassNames[label]}: {confusion[label, label]} of {confusion.ImagesOf(label)} right");
    foreach (SamplePrediction wrong in result.Predictions.Where(p => p.Rank > 0).OrderByDescending(p => p.Probability).Take(3))
        Console.WriteLine($"{held.Samples[wrong.Sample].Name} was taken for {result.ClassNames[wrong.Predicted]}, {wrong.Probability:P0} sure");
    return 0;
}
catch (DivergedException diverged)
{
    Console.Error.WriteLine($"{diverged.Message} It was trained at a rate of {diverged.LearningRate:G3}.");
    return 1;
}

// Any thread may ask for any image at any time.
internal sealed class ArchiveImages : IImageSource, IDisposable
{
    // Of strangers' images nothing larger is decoded.
    private static readonly ImageLimits Limits = new() { MaxPixels = 50_000_000 };

    private readonly ZipArchive _archive;
    private readonly ZipArchiveEntry[] _entries;

    public ArchiveImages(string path)
    {
        _archive = ZipFile.OpenRead(path);
        _entries = [.. _archive.Entries.Where(entry => entry.Name.Length > 0 && entry.FullName.Contains('/')).OrderBy(entry => entry.FullName, StringComparer.Ordinal)];
    }

    public int Count => _entries.Length;

    public string NameOf(int index) => _entries[index].FullName;

    public RgbImage Load(int index)
    {
        var bytes = new MemoryStream();
        lock (_archive)
        {
            using Stream packed = _entries[index].Open();
            packed.CopyTo(bytes);
        }
        return ImageDecoder.Decode(bytes.ToArray(), Limits, NameOf(index));
    }

    public ImageDataset ToDataset(string name)
    {
        string[] folders = [.. _entries.Select(entry => entry.FullName.Split('/')[^2])], classes = [.. folders.Distinct().Order(StringComparer.Ordinal)];
        return new ImageDataset(name, classes, this, _entries.Select((entry, i) => new ImageSample(
            entry.FullName, Array.IndexOf(classes, folders[i]), i, entry.FullName.Split('/').SkipLast(2).Contains("test") ? DatasetPart.Test : DatasetPart.Unassigned)));
    }

    public void Dispose() => _archive.Dispose();
}
