using System.Diagnostics;
using System.Security.Cryptography;

namespace IlgpuSpp.Cli.Tests;

/// <summary><c>train --distributed mpi</c> under real launchers.</summary>
public sealed class DistributedTests(DistributedTests.OneProcess one) : CommandTest, IClassFixture<DistributedTests.OneProcess>
{
    private static readonly string[] Short = [.. Network, "--epochs", "1", "--out", "run"];
    private static string[] Network => ["train", "--shapes", "20", "--sizes", "32", "--batch", "16", "--width", "0.25", "--threads", "1", "--loader-threads", "1"];

    [OpenMpiTheory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void OpenMpi_gives_the_bits_of_one_process(int ranks) => GivesTheSameBits(MpiRun.OpenMpi, ranks);

    [MpichTheory]
    [InlineData(2)]
    [InlineData(4)]
    public void Mpich_gives_the_bits_of_one_process(int ranks) => GivesTheSameBits(MpiRun.Mpich, ranks);

    [OpenMpiFact]
    public void A_run_that_lost_a_rank_goes_on_with_two_to_the_same_bits()
    {
        // Killed while it saves as often as it can; far from its end on any machine.
        Process process = MpiRun.Start(MpiRun.OpenMpi, 4, _folder.Root, "", [.. Network, "--schedule", "constant", "--epochs", "5000", "--save-steps", "1", "--out", "run", "--distributed", "mpi"]);
        ReadUntil(process, "epoch 1/");
        Signal("-KILL", rank: 2);
        Assert.NotEqual(0, MpiRun.End(process, "").ExitCode);

        // As many epochs as it has begun, and one more.
        string epochs = $"{File.ReadAllLines(_folder["run/metrics.csv"]).Length + 1}";
        ProgramRun resumed = MpiRun.Of(MpiRun.OpenMpi, 2, _folder.Root, "train", "--resume", "run", "--epochs", epochs, "--threads", "1", "--distributed", "mpi");
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        Done([.. Network, "--schedule", "constant", "--epochs", epochs, "--out", "whole", "--shards", "8"]);
        Assert.Equal(Hash(_folder["whole/last.safetensors"]), Hash(_folder["run/last.safetensors"]));
    }

    [OpenMpiFact]
    public void SIGTERM_to_one_rank_saves_and_ends_all()
    {
        Process process = MpiRun.Start(MpiRun.OpenMpi, 2, _folder.Root, "", [.. Network, "--epochs", "5000", "--out", "run", "--distributed", "mpi"]);
        string before = ReadUntil(process, "epoch 1/");
        Signal("-TERM", rank: 1);
        ProgramRun run = MpiRun.End(process, before);
        Assert.Equal(143, run.ExitCode);
        Assert.Contains("2 ranks on 1 machine, 8 shards a batch", run.Output, StringComparison.Ordinal);
        Assert.Contains("interrupted; go on with: ilgpuspp train --resume run", run.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder["run/last.safetensors"]));
        Assert.DoesNotContain('\u001b', run.Output + run.Error);
    }

    [OpenMpiFact]
    public void Ranks_with_other_options_and_a_library_of_another_MPI_are_told()
    {
        const string OtherRate = "if [ $OMPI_COMM_WORLD_RANK = 1 ]; then set -- \"$@\" --lr 0.5; fi";
        ProgramRun differing = MpiRun.End(MpiRun.Start(MpiRun.OpenMpi, 2, _folder.Root, OtherRate, [.. Short, "--distributed", "mpi"]), "");
        Assert.Equal(1, differing.ExitCode);
        Assert.Contains("ilgpuspp: rank 1 on ", differing.Error, StringComparison.Ordinal);
        Assert.Contains(" in the options of the training; start all with the same command.", differing.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["run/config.json"]));

        if (MpiRun.Missing(MpiRun.Mpich) is not null) return;
        ProgramRun mixed = MpiRun.End(MpiRun.Start(MpiRun.OpenMpi, 2, _folder.Root, "export ILGPUSPP_MPI=libmpich.so.12", [.. Short, "--distributed", "mpi"]), "");
        Assert.NotEqual(0, mixed.ExitCode);
        Assert.Contains("ilgpuspp: the launcher started 2 processes (OMPI_COMM_WORLD_SIZE), but libmpich.so.12 (MPICH Version: 4.0.2) knows of 1: launcher and library are of two MPIs", mixed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_distributed_is_refused_in_one_line()
    {
        Refused(1, "the MPI library /nowhere/libmpi.so, which ILGPUSPP_MPI names, cannot be loaded; check its path.", [("ILGPUSPP_MPI", "/nowhere/libmpi.so")], [.. Short, "--distributed", "mpi"]);
        Refused(1, "is no MPI library that can be used: it has no MPI_Init_thread", [("ILGPUSPP_MPI", "libc.so.6")], [.. Short, "--distributed", "mpi"]);
        Refused(2, "--distributed takes mpi, not 'nccl'", [], [.. Short, "--distributed", "nccl"]);
        Refused(2, "--shards must divide the batch of 16 images (0 runs it whole), but is 5.", [], [.. Short, "--shards", "5"]);
    }

    private void GivesTheSameBits(string launcher, int ranks)
    {
        ProgramRun run = MpiRun.Of(launcher, ranks, _folder.Root, [.. Short, "--distributed", "mpi", "--quiet"]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(one.Hash, Hash(_folder["run/last.safetensors"]));
    }

    private void Refused(int code, string message, (string, string)[] variables, string[] arguments)
    {
        ProgramRun run = ProgramRun.With(variables, "ilgpuspp.dll", _folder.Root, arguments);
        Assert.Equal(code, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    private void Signal(string signal, int rank)
    {
        using Process kill = Process.Start("kill", [signal, File.ReadAllText(_folder[$"rank.{rank}"]).Trim()]);
        kill.WaitForExit();
    }

    private static string ReadUntil(Process process, string start)
    {
        string all = "";
        while (process.StandardOutput.ReadLine() is { } line)
        {
            all += line + "\n";
            if (line.StartsWith(start, StringComparison.Ordinal)) break;
        }
        return all;
    }

    private static string Hash(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));

    /// <summary>The run of one process that the others are held against.</summary>
    public sealed class OneProcess : FolderTest
    {
        public OneProcess()
        {
            ProgramRun run = ProgramRun.Of("ilgpuspp.dll", _folder.Root, [.. Short, "--shards", "8", "--quiet"]);
            Assert.True(run.ExitCode == 0, run.Error);
            Hash = DistributedTests.Hash(_folder["run/last.safetensors"]);
        }

        public string Hash { get; }
    }
}
