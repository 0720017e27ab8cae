using System.Diagnostics;
using IlgpuSpp.Cli.Bench;

namespace IlgpuSpp.Cli.Commands;

/// <summary><c>bench</c>: times one piece of work; the last line is a JSON object.</summary>
internal static class BenchCommand
{
    private const int WarmUps = 2;
    private const string Layers = "layers";

    public static Command Create()
    {
        var name = new Argument<string>("case") { Description = string.Join(" | ", BenchCases.Names) + " | layers (a table of the time of every layer of a training step)" };
        var batch = new Option<int>("--batch") { Description = "Images a repetition.", DefaultValueFactory = _ => 16 };
        var model = new Option<string?>("--model") { Description = "For forward, train and layers (predict and startup take a file alone): a network of 'ilgpuspp models', a model file or named weights; zf5 without it.", HelpName = "name|FILE" };
        var data = new Option<string?>("--data") { Description = "For load: a folder of class folders or a CSV manifest; for predict and startup: an image.", HelpName = "path" };
        var size = new Option<string?>("--size") { Description = "Size of the images, 224 or WIDTHxHEIGHT, or the side of the matrices; without it the case's own.", HelpName = "pixels" };
        var reps = new Option<int>("--reps") { Description = "Counted repetitions.", DefaultValueFactory = _ => 7 };
        var windows = new Option<string?>("--windows") { Description = "For detect: how many windows to draw, or a CSV of windows x1,y1,x2,y2 in pixels of the 688x917 image; by default 2000 drawn ones.", HelpName = "N|CSV" };
        var recompute = new Option<bool>("--recompute") { Description = "For train: compute activations again on the way back, in less memory." };
        var reduced = new Option<bool>("--reduced-decoding") { Description = "For load: decode JPEG files at a part of their size where that leaves enough pixels." };
        var pretrained = new PretrainedSelection();
        var device = new DeviceSelection();
        var command = new Command("bench", "Time one piece of work; the last line printed is a JSON object.") { name, model, data, batch, size, reps, windows, recompute, reduced };
        pretrained.AddTo(command);
        device.AddTo(command);
        CommandAction.Set(command, (parsed, interrupt) =>
        {
            if (parsed.GetValue(batch) < 1 || parsed.GetValue(reps) < 1) throw new UsageException("--batch and --reps must be at least 1.");
            string[] cases = [.. BenchCases.Names, Layers];
            string wanted = parsed.GetValue(name)!;
            if (!cases.Contains(wanted)) throw new UsageException($"bench knows {string.Join(", ", cases)}, not '{wanted}'{Spelling.Suggestion(wanted, cases)}");
            (int Width, int Height)? pixels = parsed.GetValue(size) is { } text ? ImageSize.Parse(text) : null;
            string? network = parsed.GetValue(model);
            if (pixels is not null && wanted is ("rcnn" or "detect")) throw new UsageException($"{wanted} has images of a size of its own; leave --size out.");
            if (wanted == "gemm" && pixels is { } sides && sides.Width != sides.Height) throw new UsageException("gemm multiplies square matrices; --size takes one number.");
            if (network is not null && wanted is not ("forward" or "train" or Layers or "predict" or "startup")) throw new UsageException($"--model goes with forward, train, layers, predict and startup; {wanted} has a network of its own.");
            if (parsed.GetValue(data) is not null && wanted is not ("load" or "predict" or "startup")) throw new UsageException($"--data goes with load, predict and startup; {wanted} draws its images.");
            if (parsed.GetValue(recompute) && wanted != "train") throw new UsageException("--recompute goes with train.");
            if (parsed.GetValue(reduced) && wanted != "load") throw new UsageException("--reduced-decoding goes with load.");
            if (network is not null && !Zoo.Contains(network)) network = pretrained.FileOf(parsed, network, interrupt);
            using Backend backend = device.Open(parsed);
            var setup = new BenchSetup(backend, parsed.GetValue(batch), pixels, parsed.GetValue(windows), network, parsed.GetValue(data), parsed.GetValue(recompute), parsed.GetValue(reduced));
            if (wanted == Layers)
            {
                using var profile = new LayerProfile(setup);
                profile.Print(parsed.GetValue(reps));
                return ExitCode.Done;
            }
            using IBenchCase work = BenchCases.Create(wanted, setup);
            double[] times = Measure(work, backend, parsed.GetValue(reps), interrupt);
            Array.Sort(times);
            double median = times.Length % 2 == 1 ? times[times.Length / 2] : (times[times.Length / 2 - 1] + times[times.Length / 2]) / 2;
            JsonLine.Write(new BenchAnswer(
                wanted, Math.Round(median, 3), Math.Round(times[0], 3), times.Length, work.Images, backend.Device.Parallelism, backend.Device.Name, Process.GetCurrentProcess().PeakWorkingSet64 >> 20));
            return ExitCode.Done;
        });
        return command;
    }

    private static double[] Measure(IBenchCase work, Backend backend, int reps, CancellationToken interrupt)
    {
        for (int i = 0; i < WarmUps; i++) work.Run();
        backend.Synchronize();
        var times = new double[reps];
        for (int i = 0; i < reps; i++)
        {
            interrupt.ThrowIfCancellationRequested();
            long start = Stopwatch.GetTimestamp();
            work.Run();
            backend.Synchronize();
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        return times;
    }
}
