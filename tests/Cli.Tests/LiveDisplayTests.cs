using IlgpuSpp.Cli.Output;
using IlgpuSpp.Cli.Training;
using IlgpuSpp.Training;

namespace IlgpuSpp.Cli.Tests;

/// <summary>The live display on a screen of its own: nothing is wider than it, and what goes is exactly what was drawn.</summary>
public class LiveDisplayTests
{
    public static TheoryData<int> Widths => [60, 61, 79, 80, 81, 120, 200];

    [Theory]
    [MemberData(nameof(Widths))]
    public void Every_line_fits_and_only_finished_epochs_stay(int columns)
    {
        using var screen = new TerminalScreen(columns);
        using (var display = new LiveDisplay(new LivePanel(screen, () => screen.Columns, colour: true, unicode: true)))
        {
            int epochs = 0;
            foreach (TrainingProgress progress in Run(epochs: 3, of: 120))
            {
                display.Report(progress);
                if (progress.EpochEnd is not null) epochs++;
                string[] rows = screen.Rows;
                Assert.All(rows, row => Assert.InRange(row.Length, 0, columns - 1));
                Assert.Equal(epochs, rows.Count(row => row.StartsWith("epoch", StringComparison.Ordinal) && row.Contains("val top-1", StringComparison.Ordinal)));
                // Below them the panel: at most the phase's bar, the bar of the whole and the numbers; and the cursor's row.
                Assert.InRange(rows.Length - epochs, 2, 4);
                Assert.Equal("", rows[^1]);
            }
            display.Stopping();
            Assert.Equal(TrainingDisplay.StoppingLine, screen.Rows[^2]);
        }
        Assert.Equal(4, screen.Rows.Length);
        Assert.All(screen.Rows[..3], row => Assert.StartsWith("epoch ", row, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(200, 60)]
    [InlineData(60, 200)]
    [InlineData(120, 80)]
    [InlineData(80, 23)]
    public void A_resize_leaves_nothing_behind(int before, int after)
    {
        using var screen = new TerminalScreen(before);
        using (var display = new LiveDisplay(new LivePanel(screen, () => screen.Columns, colour: true, unicode: true)))
        {
            int n = 0;
            foreach (TrainingProgress progress in Run(epochs: 6, of: 6))
            {
                if (++n % 5 == 0) screen.Columns = screen.Columns == before ? after : before;
                display.Report(progress);
            }
        }
        screen.Columns = 200;
        string[] rows = screen.Rows;
        Assert.Equal(7, rows.Length);
        for (int i = 0; i < 6; i++) Assert.StartsWith($"epoch {i + 1}/6", rows[i], StringComparison.Ordinal);
        Assert.Equal("", rows[6]);
    }

    [Fact]
    public void Both_bars_are_there_from_60_columns_on_and_grow_with_the_work()
    {
        foreach (int columns in (int[])[60, 80, 200])
        {
            using var screen = new TerminalScreen(columns);
            var panel = new LivePanel(screen, () => screen.Columns, colour: false, unicode: false);
            panel.Draw(width => TrainingPanel.Lines(Training(epoch: 100, of: 200, step: 6666, steps: 9999), width, panel));
            string[] rows = screen.Rows;
            Assert.StartsWith("epoch 100/200  ###", rows[0], StringComparison.Ordinal);
            Assert.EndsWith("training 6666/9999", rows[0].TrimEnd(), StringComparison.Ordinal);
            Assert.StartsWith("all            ###", rows[1], StringComparison.Ordinal);
            Assert.EndsWith("1:02:03 gone, 2:00:00 left", rows[1].TrimEnd(), StringComparison.Ordinal);
            int length = rows[0].Count(sign => sign is '#' or '-');
            Assert.Equal(length, rows[1].Count(sign => sign is '#' or '-'));
            Assert.Equal(length * 6666 / 9999, rows[0].Count(sign => sign == '#'));
            Assert.Equal((int)(length * (99 + 6666 / 9999.0) / 200), rows[1].Count(sign => sign == '#'));
        }
    }

    [Fact]
    public void The_first_panel_has_no_zeros()
    {
        using var screen = new TerminalScreen(80);
        using var display = new LiveDisplay(new LivePanel(screen, () => screen.Columns, colour: false, unicode: true));
        display.Phase("looking through the images", 0, 0);
        Assert.Equal(["looking through the images", ""], screen.Rows);
        display.Report(new TrainingProgress { Phase = TrainingPhase.Preparing, Epochs = 3 });
        Assert.Equal(["preparing", ""], screen.Rows);
        display.Report(new TrainingProgress { Phase = TrainingPhase.Decoding, Epochs = 3, Step = 17, Steps = 40 });
        Assert.StartsWith("decoding images  ━━", screen.Rows[0], StringComparison.Ordinal);
        Assert.EndsWith("17/40", screen.Rows[0].TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(2, screen.Rows.Length);
    }

    [Fact]
    public void Long_notes_are_broken_at_spaces_and_paths_stay_whole()
    {
        using var screen = new TerminalScreen(60);
        var panel = new LivePanel(screen, () => screen.Columns, colour: false, unicode: true);
        panel.Draw(_ => [[new Piece("running")]]);
        panel.WriteAbove("warning: an image is skipped because its header says that it is 3 pixels wide", Tint.Warning);
        Assert.Equal(["warning: an image is skipped because its header says that", "it is 3 pixels wide", "running", ""], screen.Rows);
        string path = "runs/" + new string('x', 70);
        panel.WriteAbove($"model {path}", Tint.Plain);
        Assert.Contains(path, string.Concat(screen.Rows), StringComparison.Ordinal);
        panel.Clear();
        Assert.Equal("", screen.Rows[^1]);
        Assert.DoesNotContain("running", screen.Rows);
    }

    [Fact]
    public void A_closed_terminal_does_not_end_the_run()
    {
        using var closed = new ClosedTerminal();
        using var display = new LiveDisplay(new LivePanel(closed, () => 80, colour: true, unicode: true));
        foreach (TrainingProgress progress in Run(epochs: 1, of: 1)) display.Report(progress);
        display.Stopping();
        Assert.Equal(1, closed.Writes);
    }

    private static IEnumerable<TrainingProgress> Run(int epochs, int of)
    {
        yield return new TrainingProgress { Phase = TrainingPhase.Preparing, Epochs = of };
        yield return new TrainingProgress { Phase = TrainingPhase.Decoding, Epochs = of, Step = 3, Steps = 4000 };
        for (int epoch = 1; epoch <= epochs; epoch++)
        {
            foreach (int step in (int[])[1, 500, 9999]) yield return Training(epoch, of, step, 9999);
            foreach (int image in (int[])[0, 1000]) yield return Training(epoch, of, image, 1000) with { Phase = TrainingPhase.Evaluating };
            yield return Training(epoch, of, 9999, 9999) with
            {
                Phase = TrainingPhase.EpochEnd,
                EpochEnd = new EpochMetrics
                {
                    Epoch = epoch, Size = 224, LearningRate = 0.00025073, TrainLoss = 12.114612, TrainTop1 = 1, ValidationLoss = 15.65, ValidationTop1 = 0.13, ValidationTop5 = 1,
                    ImagesPerSecond = 12188, TrainSeconds = 12345.6, EvaluationSeconds = 1, Seconds = 12346.6,
                },
            };
        }
        yield return new TrainingProgress { Phase = TrainingPhase.Finished, Epoch = epochs, Epochs = of };
    }

    private static TrainingProgress Training(int epoch, int of, int step, int steps) => new()
    {
        Phase = TrainingPhase.Training, Epoch = epoch, Epochs = of, Step = step, Steps = steps, Loss = 12.114612, Accuracy = 1, ImagesPerSecond = 12188, LearningRate = 0.00025073,
        Size = 224, Elapsed = new TimeSpan(1, 2, 3), Remaining = TimeSpan.FromHours(2), Undecodable = 3,
    };

    private sealed class ClosedTerminal : StringWriter
    {
        public int Writes { get; private set; }

        public override void Write(string? value)
        {
            Writes++;
            throw new IOException("Input/output error");
        }
    }
}
