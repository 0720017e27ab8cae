using System.Diagnostics;
using IlgpuSpp.Data;
using IlgpuSpp.Engine.Cpu;
using IlgpuSpp.Inference;
using IlgpuSpp.Models;

namespace IlgpuSpp.Cli.Tests;

public class ServeCommandTests : CommandTest
{
    [UnixFact]
    public async Task It_serves_until_a_signal_and_a_second_on_its_port_says_what_to_do()
    {
        string model = WriteModel();
        using Process server = ProgramRun.Start("ilgpuspp.dll", _folder.Root, "serve", "--model", $"small={model}", "--urls", "http://127.0.0.1:0", "--max-wait", "1ms");
        try
        {
            string? line;
            do line = await server.StandardOutput.ReadLineAsync();
            while (line is not null && !line.StartsWith("listening", StringComparison.Ordinal));
            Assert.NotNull(line);
            string url = line.Split(' ')[2];
            using var client = new HttpClient { BaseAddress = new Uri(url) };
            Assert.Contains("\"small\"", await client.GetStringAsync(new Uri("/v1/models", UriKind.Relative)), StringComparison.Ordinal);

            ProgramRun second = Run("serve", "--model", model, "--urls", url);
            Assert.Equal((ExitCode.Failed, $"ilgpuspp: {url} is in use; end what listens there, or name another address with --urls.\n"), (second.ExitCode, second.Error));

            using (Process kill = Process.Start("kill", ["-TERM", $"{server.Id}"])) await kill.WaitForExitAsync();
            await server.WaitForExitAsync();
            Assert.Equal(ExitCode.Done, server.ExitCode);
        }
        finally
        {
            if (!server.HasExited) server.Kill();
        }
    }

    [Fact]
    public void What_cannot_be_served_is_refused_before_anything_is_loaded()
    {
        string model = WriteModel();
        (string[] Arguments, string Error)[] wrong = [
            (["--model", "nowhere/best.safetensors"], "there is no model 'nowhere/best.safetensors'"),
            (["--model", $"a b={model}"], "which 'a b' has not"),
            (["--model", model, "--model", model], "two models are called"),
            (["--model", model, "--urls", "localhost"], "--urls takes addresses"),
            (["--model", model, "--max-wait", "soon"], "--max-wait takes a time"),
            (["--model", model, "--max-batch", "0"], "--max-batch must lie between 1 and 1024")];
        foreach ((string[] arguments, string error) in wrong)
        {
            ProgramRun run = Run(["serve", .. arguments]);
            Assert.Equal(ExitCode.Usage, run.ExitCode);
            Assert.Contains(error, run.Error, StringComparison.Ordinal);
        }
    }

    private string WriteModel()
    {
        using var backend = new CpuBackend(new CpuOptions { Threads = 1 });
        using var model = new TrainedModel(Zoo.Create("spp-small", new ModelOptions { Classes = 3, Pyramid = [1, 2] }, backend, 1), new InputPreparation { MinSide = 56, CropSize = 48 }, 48);
        model.Save(_folder["small.safetensors"]);
        return _folder["small.safetensors"];
    }
}
