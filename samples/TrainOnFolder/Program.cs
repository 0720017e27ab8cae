// Trains a small pyramid network on a folder that holds one folder of images for every class.
//   dotnet run -c Release --project samples/TrainOnFolder -- photos runs/photos [epochs]
using IlgpuSpp;
using IlgpuSpp.Data;
using IlgpuSpp.Models;
using IlgpuSpp.Training;

if (args.Length < 2)
{
    Console.Error.WriteLine("usage: TrainOnFolder PHOTOS RUN [EPOCHS]");
    return 2;
}

using var device = Device.Open("auto");
DatasetSplit photos = ImageFolder.Open(args[0]).Split(trainShare: 0.8, seed: 1);

using var model = Zoo.Create("spp-small", new ModelOptions { Classes = photos.Train.ClassNames.Count, Pyramid = [1, 2, 3, 6] }, device, seed: 1);
model.Description = model.Description with { ClassNames = [.. photos.Train.ClassNames] };

// Two sizes in turn, as the paper trains: one epoch at 96 pixels, one at 80, the same weights.
var options = new TrainerOptions
{
    Sizes = [96, 80],
    Epochs = args.Length > 2 ? int.Parse(args[2]) : 20,
    LearningRate = 0.05,
    Schedule = ScheduleKind.Cosine,
    BatchSize = 32,
};
var progress = new EpochLines();
RunResult run = new Trainer(model, options, progress: progress).Fit(photos.Train, photos.Validation, args[1], overwrite: true);

Console.WriteLine($"best epoch {run.Best.Epoch}: {run.Best.Top1:P1} of {photos.Validation.Count} images");
return 0;

internal sealed class EpochLines : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value)
    {
        if (value.EpochEnd is { } epoch)
            Console.WriteLine($"epoch {epoch.Epoch} at {epoch.Size} px: loss {epoch.TrainLoss:F3}, validation {epoch.ValidationTop1:P1}");
    }
}
