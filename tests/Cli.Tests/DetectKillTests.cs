using System.Diagnostics;

namespace IlgpuSpp.Cli.Tests;

/// <summary>Detectors whose training is killed (SIGKILL) and started again end with the same bytes.</summary>
public sealed class DetectKillTests : IDisposable
{
    private const int Killed = 128 + 9;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly DetectionWorkspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    // Every moment is the time at which a file of the run appears: the first features, the first checkpoint of fine-tuning, the end of fine-tuning, of the support vector
    // machines, of the box regression.
    [Theory]
    [InlineData("spp", "maps/*.maps", "fine-tuning.safetensors", "network.safetensors", "svm.safetensors", "boxes.safetensors")]
    [InlineData("rcnn", "maps/*.windows", "network.safetensors")]
    public void KilledTraining_EndsWithTheSameDetector(string method, params string[] moments)
    {
        _workspace.Succeeds("data", "shapes", "--voc", "scenes", "--train", "10", "--val", "1");
        _workspace.Succeeds(Train("whole"));
        int kills = moments.Count(moment => KillAt(moment, Train("killed")));
        // The last stages may be over before the kill comes.
        Assert.InRange(kills, 2, moments.Length);
        _workspace.Succeeds(Train("killed"));
        Assert.Equal(File.ReadAllBytes(_workspace.Folder["whole/detector.safetensors"]), File.ReadAllBytes(_workspace.Folder["killed/detector.safetensors"]));

        string[] Train(string run) =>
            ["detect", "train", "--data", "scenes", "--from", "start.safetensors", "--out", run, "--method", method, "--iterations", "600", "--max-proposals", "60", "--lr", "0.01", "--threads", "2", "--quiet"];
    }

    // Whether the kill came before the end.
    private bool KillAt(string file, string[] arguments)
    {
        string path = _workspace.Folder["killed/" + file], folder = Path.GetDirectoryName(path)!;
        using Process process = _workspace.Start(arguments);
        Task<string> error = process.StandardError.ReadToEndAsync(), output = process.StandardOutput.ReadToEndAsync();
        var clock = Stopwatch.StartNew();
        while (!process.HasExited && !(Directory.Exists(folder) && Directory.EnumerateFiles(folder, Path.GetFileName(path)).Any()))
        {
            Assert.True(clock.Elapsed < Limit, $"{file} did not appear.");
            Thread.Sleep(2);
        }
        process.Kill();
        process.WaitForExit();
        Assert.True(process.ExitCode is 0 or Killed, error.Result + output.Result);
        return process.ExitCode == Killed;
    }
}
