// Names what images show, from several threads at a time over one classifier.
//   dotnet run -c Release --project samples/PredictInThreads -- runs/photos/best.safetensors holiday
using System.Diagnostics;
using IlgpuSpp;
using IlgpuSpp.Data;
using IlgpuSpp.Inference;

if (args.Length < 2)
{
    Console.Error.WriteLine("usage: PredictInThreads MODEL FOLDER");
    return 2;
}

using var device = Device.Open("auto");
using var classifier = Classifier.Load(args[0], device);
string[] files = Directory.GetFiles(args[1], "*", SearchOption.AllDirectories);

var clock = Stopwatch.StartNew();
int named = 0;
Parallel.ForEach(files, new ParallelOptions { MaxDegreeOfParallelism = 4 }, file =>
{
    try
    {
        Guess best = classifier.Predict(file, top: 1)[0];
        Interlocked.Increment(ref named);
        Console.WriteLine($"{file}: {best}");
    }
    catch (DataFormatException error)
    {
        Console.Error.WriteLine(error.Message);
    }
});
Console.WriteLine($"{named} images named in {clock.Elapsed.TotalSeconds:F1} s");
return 0;
