namespace IlgpuSpp.Training.Tests.Checkpoints;

public class RunFolderTests : RunTest
{
    private static readonly ImageDataset Images = TinyRun.Images(18);
    private static readonly TrainerOptions Options = TinyRun.Options with { Epochs = 1 };

    [Fact]
    public void A_second_run_is_refused_unless_it_may_overwrite()
    {
        using Model model = TinyRun.Model(_backend);
        new Trainer(model, Options).Fit(Images, Images, _folder["run"]);
        byte[] best = File.ReadAllBytes(new RunFolder(_folder["run"]).BestFile);

        var refused = Assert.Throws<RunFolderException>(() => new Trainer(model, Options).Fit(Images, Images, _folder["run"]));
        Assert.Contains("holds a run already; resume it", refused.Message, StringComparison.Ordinal);
        Assert.Equal(best, File.ReadAllBytes(new RunFolder(_folder["run"]).BestFile));

        Assert.Equal(RunOutcome.Completed, new Trainer(model, Options).Fit(Images, Images, _folder["run"], overwrite: true).Outcome);
        Assert.NotEqual(best, File.ReadAllBytes(new RunFolder(_folder["run"]).BestFile));
    }

    [Fact]
    public void A_folder_that_is_being_trained_into_is_refused()
    {
        using Model model = TinyRun.Model(_backend);
        RunFolderException? refused = null;
        var progress = new ProgressList(p =>
        {
            if (p.Phase == TrainingPhase.EpochEnd) refused = Assert.Throws<RunFolderException>(() => new Trainer(model, Options).Fit(Images, Images, _folder["run"], overwrite: true));
        });
        Assert.Equal(RunOutcome.Completed, new Trainer(model, Options, progress: progress).Fit(Images, Images, _folder["run"]).Outcome);
        Assert.Contains("another run is being trained into this folder", refused!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_refused_in_one_line()
    {
        File.WriteAllText(_folder["file"], "");
        using Model model = TinyRun.Model(_backend);
        var refused = Assert.Throws<RunFolderException>(() => new Trainer(model, Options).Fit(Images, Images, Path.Combine(_folder["file"], "run")));
        Assert.DoesNotContain('\n', refused.Message);
        Assert.Contains("cannot be written", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(28)]
    [InlineData(unchecked((int)0x80070070))]
    public void A_full_disk_is_named(int code)
    {
        var refused = Assert.Throws<RunFolderException>(() => RunFolder.Guard("run/last.safetensors", () => throw new IOException("No space left on device : '/run'", code)));
        Assert.Equal("run/last.safetensors: the disk is full; free some space and resume the run, nothing that was saved is lost.", refused.Message);
    }

    [Fact]
    public void A_damaged_configuration_or_table_is_refused()
    {
        var files = new RunFolder(_folder.Root);
        Assert.Contains("there is no run in this folder", Assert.Throws<RunFolderException>(() => RunConfiguration.Load(_folder.Root)).Message, StringComparison.Ordinal);
        File.WriteAllText(files.ConfigurationFile, "{ \"version\": 1, ");
        Assert.Equal(files.ConfigurationFile, Assert.Throws<RunFolderException>(files.ReadConfiguration).Location);
        File.WriteAllText(files.MetricsFile, "epoch,size\none,two\n");
        var refused = Assert.Throws<RunFolderException>(files.ReadMetrics);
        Assert.DoesNotContain('\n', refused.Message);
        Assert.Contains("the run ended before its first checkpoint", Assert.Throws<RunFolderException>(() => files.BeginResume()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_without_a_runs_state_cannot_be_resumed()
    {
        using Model model = TinyRun.Model(_backend);
        RunResult run = new Trainer(model, Options).Fit(Images, Images, _folder["run"]);
        var files = new RunFolder(_folder["run"]);
        File.Copy(run.BestModel, files.LastFile, overwrite: true);
        Assert.Contains("not the state of a run", Assert.Throws<RunFolderException>(() => new Trainer(model, Options).Resume(Images, Images, _folder["run"])).Message, StringComparison.Ordinal);
    }
}
