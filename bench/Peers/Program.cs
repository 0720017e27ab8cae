using System.Diagnostics;
using System.Globalization;

namespace IlgpuSpp.Peers;

/// <summary>
/// Times what 'ilgpuspp bench' times, done by other programs; the last line is a JSON object of the same form.
/// <code>
/// peers torch forward|train zf5|resnet18|vgg16|small [--batch N] [--size N] [--reps N] [--threads N]
/// peers torch gemm [--size N] …
/// peers onnx forward FILE [--batch N] …
/// peers onnx predict FILE --image FILE      one image, for timing a whole process
/// </code>
/// </summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        Options options = Options.Parse(args);
        string[] words = options.Words;
        switch (words)
        {
            case ["torch", "gemm"]:
                Report(words[1], TorchCases.Product(options), options, images: 1);
                return 0;
            case ["torch", "forward", var network]:
                Report(words[1], TorchCases.Forward(network, options), options, options.Batch);
                return 0;
            case ["torch", "train", var network]:
                Report(words[1], TorchCases.Train(network, options), options, options.Batch);
                return 0;
            case ["onnx", "forward", var file]:
                Report(words[1], OnnxCases.Forward(file, options), options, options.Batch);
                return 0;
            case ["onnx", "predict", var file]:
                Console.WriteLine(OnnxCases.Predict(file, options));
                return 0;
            default:
                Console.Error.WriteLine("peers torch forward|train NETWORK, torch gemm, onnx forward FILE or onnx predict FILE --image FILE");
                return 2;
        }
    }

    private static void Report(string name, Action work, Options options, int images)
    {
        for (int i = 0; i < 2; i++) work();
        var times = new double[options.Repetitions];
        for (int i = 0; i < times.Length; i++)
        {
            long start = Stopwatch.GetTimestamp();
            work();
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        Array.Sort(times);
        // Of the memory that the process ever held the network has the greatest part.
        long peak = Process.GetCurrentProcess().PeakWorkingSet64 >> 20;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{{\"case\":\"{name}\",\"median_ms\":{times[times.Length / 2]:F3},\"min_ms\":{times[0]:F3},\"reps\":{times.Length},\"images\":{images},\"threads\":{options.Threads},\"peak_mb\":{peak}}}"));
    }
}

/// <summary>What the command line asks for.</summary>
internal sealed record Options(string[] Words, int Batch, int Size, int Repetitions, int Threads, string Image)
{
    public static Options Parse(string[] args)
    {
        var words = new List<string>();
        var options = new Options([], 16, 0, 7, Environment.ProcessorCount, "");
        for (int i = 0; i < args.Length; i++)
        {
            options = args[i] switch
            {
                "--batch" => options with { Batch = Number(args[++i]) },
                "--size" => options with { Size = Number(args[++i]) },
                "--reps" => options with { Repetitions = Number(args[++i]) },
                "--threads" => options with { Threads = Number(args[++i]) },
                "--image" => options with { Image = args[++i] },
                _ => options,
            };
            if (!args[i].StartsWith("--", StringComparison.Ordinal) && (i == 0 || !args[i - 1].StartsWith("--", StringComparison.Ordinal))) words.Add(args[i]);
        }
        return options with { Words = [.. words] };
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
