namespace IlgpuSpp.Cli.Tests;

/// <summary>With <c>--deterministic-exact</c> a run writes the same bytes whatever vectors the processor has; one with some switched off stands for one without.</summary>
public sealed class DeterministicExactTests : CommandTest
{
    [Fact]
    public void Runs_write_the_same_files_without_AVX512_AVX2_or_any_vectors_at_any_number_of_threads()
    {
        Done("data", "shapes", "--voc", "scenes", "--train", "3", "--val", "1");
        Train("all", threads: 2, []);
        Train("avx2", threads: 1, [("DOTNET_EnableAVX512", "0")]);
        Train("128", threads: 3, [("DOTNET_EnableAVX2", "0")]);
        Train("none", threads: 2, [("DOTNET_EnableHWIntrinsic", "0")]);
        foreach (string file in (string[])["run/last.safetensors", "run/best.safetensors", "found/detector.safetensors", "found/detections.csv"])
            foreach (string other in (string[])["avx2", "128", "none"])
                Assert.True(File.ReadAllBytes(_folder[$"all/{file}"]).SequenceEqual(File.ReadAllBytes(_folder[$"{other}/{file}"])), $"{file} differs: {other}");
    }

    // Two sizes, the second in a run that goes on and was not told again; then a detector on its network.
    private void Train(string folder, int threads, (string, string)[] variables)
    {
        Succeeds($"train --shapes 20 --sizes 48,32 --epochs 1 --augment strong --clip 1 --deterministic-exact --quiet --out {folder}/run");
        Succeeds($"train --resume {folder}/run --extend 1 --quiet");
        Succeeds($"detect train --data scenes --from {folder}/run/best.safetensors --iterations 3 --max-proposals 30 --deterministic-exact --quiet --out {folder}/found");
        Succeeds($"detect run scenes/JPEGImages --model {folder}/found --min-score -9 --deterministic-exact --out {folder}/found");

        void Succeeds(string line)
        {
            ProgramRun run = ProgramRun.With(variables, "ilgpuspp.dll", _folder.Root, [.. line.Split(' '), "--threads", $"{threads}"]);
            Assert.True(run.ExitCode == 0, run.Error);
        }
    }
}
