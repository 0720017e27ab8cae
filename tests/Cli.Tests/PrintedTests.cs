using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using IlgpuSpp.Cli.Output;
using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Cli.Tests;

/// <summary>How names, numbers and the ends of runs are printed.</summary>
public sealed class PrintedTests : CommandTest
{
    [Theory]
    [InlineData("plain ä 猫 🙂", "plain ä 猫 🙂")]
    [InlineData("two\nlines\r\tand \u001b[31mred\u001b[0m", "two\\nlines\\r\\tand \\u001b[31mred\\u001b[0m")]
    [InlineData("\u202egpj.exe \u2028 \u0085", "\\u202egpj.exe \\u2028 \\u0085")]
    public void A_line_holds_nothing_that_a_terminal_obeys(string text, string line) => Assert.Equal(line, Printable.Line(text));

    [Theory]
    [InlineData(0, "epoch", "0 epochs")]
    [InlineData(1, "epoch", "1 epoch")]
    [InlineData(1200, "image", "1,200 images")]
    [InlineData(2, "class", "2 classes")]
    [InlineData(3, "probability", "3 probabilities")]
    public void Things_are_counted(long count, string thing, string words) => Assert.Equal(words, Counted.Of(count, thing));

    [Fact]
    public void Names_with_line_ends_and_escapes_are_printed_in_one_line_by_every_command()
    {
        if (OperatingSystem.IsWindows()) return; // where no name can hold them
        using var workspace = new DetectionWorkspace();
        byte[] png = ImageWriter.Png(new RgbImage(60, 50));
        workspace.Folder.Write("a\nb\u001b[2J.png", png);
        workspace.Folder.Write("bad\nname.png", [1, 2, 3]);
        ProgramRun run = workspace.Run("predict", ".", "--model", "start.safetensors", "--top", "1");
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("./a\\nb\\u001b[2J.png (60x50): ", Assert.Single(run.Output.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.StartsWith("ilgpuspp: ./bad", Assert.Single(run.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', run.Output + run.Error);
        ProgramRun features = workspace.Run("features", "bad\nname.png", "--model", "start.safetensors", "--layer", "pyramid", "--out", "f\u001b.csv");
        Assert.DoesNotContain('\u001b', features.Output + features.Error);
        Assert.All(features.Error.TrimEnd().Split('\n'), line => Assert.StartsWith("ilgpuspp: ", line, StringComparison.Ordinal));
        ProgramRun missing = workspace.Run("eval", "--model", "start.safetensors", "--data", "no\nwhere\u0007");
        Assert.Equal("ilgpuspp: no\\nwhere\\u0007: there is no such folder; check the path.\n", missing.Error);
    }

    [Fact]
    public void A_run_that_had_ended_says_so_and_how_it_is_made_longer()
    {
        Done("train", "--shapes", "40", "--epochs", "1", "--sizes", "48", "--threads", "1", "--out", "run", "--quiet");
        ProgramRun again = Done("train", "--resume", "run", "--threads", "1");
        Assert.Contains("classes; 1 epoch of batch 64\n", again.Output, StringComparison.Ordinal);
        Assert.Contains("the run had ended after 1 epoch, so that nothing was trained; --extend N makes it longer by N epochs\n", again.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("had ended", Done("train", "--resume", "run", "--extend", "1", "--threads", "1").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_shows_defaults_as_they_are_typed()
    {
        foreach (string[] command in (string[][])[["train"], ["eval"], ["predict"], ["features"], ["transfer"], ["bench"], ["models", "import"], ["detect", "train"], ["detect", "test"], ["detect", "run"], ["detect", "bench"], ["data", "shapes"]])
            Assert.DoesNotMatch(@"\[default: [A-Z]", Done([.. command, "--help"]).Output);
    }

    // A pipe that nobody writes to stands for a slow disk: the read cannot be cancelled.
    [Theory]
    [InlineData("eval --model start.safetensors --data pipe.csv")]
    [InlineData("transfer --model start.safetensors --data pipe.csv")]
    [InlineData("train --data pipe.csv --out run")]
    [InlineData("detect score --truth pipe.csv --detections pipe.csv")]
    [InlineData("detect proposals --data pipe.csv")]
    [InlineData("detect train --data pipe.csv --from start.safetensors --out run")]
    public void The_first_signal_ends_a_blocked_read(string line)
    {
        if (OperatingSystem.IsWindows()) return; // no named pipes among its files
        using var workspace = new DetectionWorkspace();
        workspace.Folder.Write("a.png", ImageWriter.Png(new RgbImage(60, 50)));
        using (Process made = Process.Start("mkfifo", [workspace.Folder["pipe.csv"]])) made.WaitForExit();
        using Process process = workspace.Start(line.Split(' '));
        // A writer's open returns when the reader's has begun: from then on the program waits for data.
        using FileStream writer = new(workspace.Folder["pipe.csv"], FileMode.Open, FileAccess.Write);
        using (Process kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)])) kill.WaitForExit();
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(2)));
        Assert.Equal(130, process.ExitCode);
        Assert.False(Directory.Exists(workspace.Folder["run"]) && Directory.EnumerateFileSystemEntries(workspace.Folder["run"]).Any());
    }

    [Fact]
    public void A_pipe_in_the_place_of_a_model_or_an_image_is_never_opened()
    {
        if (OperatingSystem.IsWindows()) return;
        using var workspace = new DetectionWorkspace();
        using (Process made = Process.Start("mkfifo", [workspace.Folder["pipe"]])) made.WaitForExit();
        workspace.Folder.Write("a.png", ImageWriter.Png(new RgbImage(60, 50)));
        Assert.Contains("it is empty or no ordinary file", workspace.Fails("predict", "a.png", "--model", "./pipe"), StringComparison.Ordinal);
        Assert.Contains("it is empty or no ordinary file", workspace.Fails("train", "--from", "./pipe"), StringComparison.Ordinal);
        Assert.Contains("is empty or no ordinary file", workspace.Fails("predict", "pipe", "--model", "start.safetensors"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("No space left on device : '/data/f.csv.part'", "/data/f.csv: the disk is full; free some space or name another place.")]
    [InlineData("There is not enough space on the disk. : 'C:\\a.onnx.0123456789abcdef0123456789abcdef.tmp'", "C:\\a.onnx: the disk is full; free some space or name another place.")]
    public void A_full_disk_is_told_with_the_name_that_was_asked_for(string words, string line) => Assert.Equal(line, Commands.FileFailures.MessageOf(new IOException(words)));

    [Fact]
    public void Json_of_odd_names_is_one_line()
    {
        if (OperatingSystem.IsWindows()) return;
        using var workspace = new DetectionWorkspace();
        workspace.Folder.Write("a\nb\u001b.png", ImageWriter.Png(new RgbImage(60, 50)));
        string answer = workspace.Succeeds("predict", ".", "--model", "start.safetensors", "--json");
        Assert.Equal("./a\nb\u001b.png", JsonDocument.Parse(Assert.Single(answer.TrimEnd().Split('\n'))).RootElement.GetProperty("file").GetString());
        Assert.DoesNotContain('\u001b', answer);
    }
}
