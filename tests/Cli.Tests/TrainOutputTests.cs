using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace IlgpuSpp.Cli.Tests;

/// <summary>What <c>train</c> writes for people, programs and logs, and how signals end it.</summary>
public sealed class TrainOutputTests : CommandTest
{
    [Fact]
    public void Json_gives_an_object_an_event_and_the_log_plain_lines()
    {
        ProgramRun run = Run("train", "--shapes", "80", "--epochs", "2", "--sizes", "48", "--batch", "16", "--threads", "1", "--out", "run", "--json", "--log", "logs/run.log");
        Assert.True(run.ExitCode == 0, run.Error);
        JsonElement[] events = [.. run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
        string[] names = [.. events.Select(e => e.GetProperty("event").GetString()!)];
        Assert.Equal(["phase", "started", "progress", "epoch", "finished"], names.Distinct());
        Assert.Equal("finished", names[^1]);
        Assert.Equal(["drawing shapes", "opening the device", "building the network", "writing the report"], Of("phase").Select(e => e.GetProperty("name").GetString()));
        Assert.Equal(["preparing", "decoding", "training", "evaluating"], Of("progress").Select(e => e.GetProperty("phase").GetString()).Distinct());
        Assert.Equal((80, 20, 10), (Number("started", "train_images"), Number("started", "validation_images"), Number("started", "classes")));
        Assert.Equal([1, 2], Of("epoch").Select(e => e.GetProperty("epoch").GetInt32()));
        Assert.Equal("completed", Of("finished").Single().GetProperty("outcome").GetString());

        // The events, the table and the result say the same.
        string[][] table = [.. File.ReadAllLines(_folder["run/metrics.csv"]).Select(line => line.Split(','))];
        int seconds = Array.IndexOf(table[0], "seconds"), loss = Array.IndexOf(table[0], "val_loss");
        Assert.Equal(table.Skip(1).Select(row => Value(row[seconds])), Of("epoch").Select(e => e.GetProperty("seconds").GetDouble()));
        Assert.Equal(table.Skip(1).Select(row => Value(row[loss])), Of("epoch").Select(e => e.GetProperty("val_loss").GetDouble()));
        // Each is a whole number of ticks, 1e-7 seconds.
        Assert.Equal(table.Skip(1).Sum(row => Value(row[seconds])), Of("finished").Single().GetProperty("seconds").GetDouble(), tolerance: 1e-6);

        string[] log = File.ReadAllLines(_folder["logs/run.log"]);
        Assert.All(log, line => Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ  \S", line));
        Assert.Equal(2, log.Count(line => line.Contains("  epoch ", StringComparison.Ordinal) && line.Contains("val top-1", StringComparison.Ordinal)));
        Assert.Contains("best epoch", log[^3], StringComparison.Ordinal);

        IEnumerable<JsonElement> Of(string name) => events.Where(e => e.GetProperty("event").GetString() == name);
        int Number(string name, string property) => Of(name).Single().GetProperty(property).GetInt32();
        static double Value(string cell) => double.Parse(cell, CultureInfo.InvariantCulture);
    }

    [Fact]
    public void Redirected_output_has_no_escape_sequences_and_says_what_was_trained_before_a_detector()
    {
        ProgramRun run = Run("train", "--shapes", "40", "--epochs", "1", "--sizes", "48", "--threads", "1", "--out", "run");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.DoesNotContain('\u001b', run.Output + run.Error);
        Assert.StartsWith("spp-small on shapes", run.Output, StringComparison.Ordinal);

        using Process detect = ProgramRun.Start("ilgpuspp.dll", _folder.Root, "detect", "train", "--shapes", "2", "--threads", "1", "--out", "detector");
        var lines = new List<string>();
        while (detect.StandardError.ReadLine() is { } line)
        {
            lines.Add(line);
            if (line.Contains("training, epoch 1 of 4", StringComparison.Ordinal)) break;
        }
        detect.Kill(entireProcessTree: true);
        Assert.Contains("training spp-small on 3000 drawn shapes first", lines);
        Assert.Contains(lines, line => line.Contains("pre-training: decoding images", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains('\u001b', StringComparison.Ordinal));
    }

    // On Windows there is no kill; the console's own events take the same way.
    [UnixTheory]
    [InlineData("-HUP")]
    [InlineData("-TERM")]
    [InlineData("-INT")]
    public void The_first_signal_saves_and_ends_the_run(string signal)
    {
        using Process process = ProgramRun.Start("ilgpuspp.dll", _folder.Root, "train", "--shapes", "400", "--epochs", "500", "--sizes", "48", "--threads", "1", "--out", "run");
        while (process.StandardOutput.ReadLine() is { } line && !line.StartsWith("epoch 1/", StringComparison.Ordinal)) { }
        using (Process kill = Process.Start("kill", [signal, process.Id.ToString(CultureInfo.InvariantCulture)])) kill.WaitForExit();
        string rest = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(130, process.ExitCode);
        Assert.Contains("stopping after this step, once more to end at once", rest, StringComparison.Ordinal);
        Assert.Contains("interrupted; go on with: ilgpuspp train --resume run", rest, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder["run/last.safetensors"]));
    }
}
