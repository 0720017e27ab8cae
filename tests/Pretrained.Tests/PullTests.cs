using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using IlgpuSpp.Engine.Cpu;
using IlgpuSpp.Inference;
using IlgpuSpp.Layers;
using IlgpuSpp.Models;
using IlgpuSpp.Processes;

namespace IlgpuSpp.Pretrained.Tests;

/// <summary>Pulling, with a package of the test's own in a folder that serves as a package source.</summary>
public sealed class PullTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly WeightCache _cache;

    public PullTests()
    {
        _cache = new WeightCache(_folder["cache"]);
        Directory.CreateDirectory(_folder["feed"]);
        Configure($"<add key=\"own\" value=\"{_folder["feed"]}\" />");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Package_IsCheckedConvertedAndKept()
    {
        PretrainedNetwork network = Package();
        Assert.False(_cache.Has(network));
        string file = await Weights().PullAsync(network);
        Assert.Equal(_cache.FileOf(network), file);
        using var cpu = new CpuBackend(new CpuOptions { Threads = 1 });
        using (TrainedModel model = TrainedModel.Load(file, cpu))
        {
            Assert.Equal(["first", "pool", "last"], model.Model.Network.Root.Children.Select(layer => layer.Name));
            Assert.Equal(48, model.InputSize);
            Assert.Equal("Tiny.Weights 1.2.3", model.Model.Description.Facts["pretrained.source"]);
        }
        // Nothing else is left, and what is there is not asked for again.
        Assert.Equal([file], Directory.EnumerateFileSystemEntries(_cache.Folder));
        Directory.Delete(_folder["feed"], recursive: true);
        Assert.Equal(file, await Weights().PullAsync(network));
    }

    [Fact]
    public async Task TwoPullsAtOnce_DoNoHarm()
    {
        PretrainedNetwork network = Package();
        string[] files = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Weights().PullAsync(network))));
        Assert.All(files, file => Assert.Equal(_cache.FileOf(network), file));
        using var cpu = new CpuBackend(new CpuOptions { Threads = 1 });
        using TrainedModel model = TrainedModel.Load(files[0], cpu);
        Assert.Single(Directory.EnumerateFileSystemEntries(_cache.Folder));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PackageThatDiffers_IsDeletedAndNamed(bool size)
    {
        PretrainedNetwork known = Package();
        PretrainedNetwork network = size ? known with { Bytes = known.Bytes + 1 } : known with { Sha256 = new string('0', 64) };
        PretrainedException error = await Assert.ThrowsAsync<PretrainedException>(() => Weights().PullAsync(network));
        Assert.Contains("Tiny.Weights 1.2.3 is not the package", error.Message, StringComparison.Ordinal);
        Assert.Contains(known.Sha256, error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_cache.Folder));
    }

    [Fact]
    public async Task MissingPackage_NamesTheSources()
    {
        PretrainedException error = await Assert.ThrowsAsync<PretrainedException>(() => Weights().PullAsync(Package() with { Version = "9.9.9" }));
        Assert.Contains("Tiny.Weights 9.9.9 is in none of the package sources (own)", error.Message, StringComparison.Ordinal);
        Configure("");
        Assert.Contains("no package source is configured", (await Assert.ThrowsAsync<PretrainedException>(() => Weights().PullAsync(Package()))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SourceThatIsNotThere_IsOneLine()
    {
        // Port 9 of the machine itself, where nothing listens.
        Configure("<add key=\"far\" value=\"http://127.0.0.1:9/v3/index.json\" allowInsecureConnections=\"true\" />");
        PretrainedException error = await Assert.ThrowsAsync<PretrainedException>(() => Weights().PullAsync(Package()));
        Assert.Contains("'far' cannot be reached", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_cache.Folder));
    }

    [Fact]
    public async Task SourceThatAsksForCredentials_SaysHowToGiveThem()
    {
        using var listener = new HttpListener();
        int port = FreePort();
        listener.Prefixes.Add($"http://127.0.0.1:{port}/");
        listener.Start();
        Task server = Task.Run(async () =>
        {
            while (listener.IsListening)
            {
                try
                {
                    HttpListenerContext context = await listener.GetContextAsync();
                    context.Response.StatusCode = 401;
                    context.Response.AddHeader("WWW-Authenticate", "Basic realm=\"feed\"");
                    context.Response.Close();
                }
                catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }
            }
        });
        Configure($"<add key=\"private\" value=\"http://127.0.0.1:{port}/v3/index.json\" allowInsecureConnections=\"true\" />");
        PretrainedException refused = await Assert.ThrowsAsync<PretrainedException>(() => Weights().PullAsync(Package()));
        Assert.Contains("'private' asks for credentials; give them with 'dotnet nuget update source private", refused.Message, StringComparison.Ordinal);
        listener.Stop();
        await server;
    }

    [Fact]
    public async Task CacheThatCannotBeWritten_IsNamed()
    {
        // A file stands where the folder should be made, which no permission of the user's helps against.
        File.WriteAllText(_folder["blocked"], "");
        var weights = new PretrainedWeights(new WeightCache(Path.Combine(_folder["blocked"], "cache")), _folder.Root);
        PretrainedException error = await Assert.ThrowsAsync<PretrainedException>(() => weights.PullAsync(Package()));
        Assert.Contains("cannot be written", error.Message, StringComparison.Ordinal);
        Assert.Contains(WeightCache.Variable, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FullDisk_IsToldFromOtherErrors()
    {
        Assert.True(DiskErrors.IsFull(new InvalidOperationException("wrapped", new IOException("No space left on device", 28))));
        Assert.True(DiskErrors.IsFull(new IOException("disk full", unchecked((int)0x80070070))));
        Assert.False(DiskErrors.IsFull(new IOException("broken pipe", 32)));
        Assert.True(DiskErrors.Is(new UnauthorizedAccessException()));
    }

    [Fact]
    public void KnownNetworks_AreComplete()
    {
        Assert.NotEmpty(PretrainedNetwork.All);
        Assert.All(PretrainedNetwork.All, network =>
        {
            Assert.Matches("^[0-9a-f]{64}$", network.Sha256);
            Assert.True(network.Bytes > 0 && network.Licence.Length > 0);
            Assert.Same(network, PretrainedNetwork.Find(network.Name.ToUpperInvariant()));
        });
    }

    private PretrainedWeights Weights() => new(_cache, _folder.Root);

    // A nuget.config that leaves out what the machine has.
    private void Configure(string sources) =>
        File.WriteAllText(_folder["nuget.config"], $"<configuration><packageSources><clear />{sources}</packageSources><disabledPackageSources><clear /></disabledPackageSources><packageSourceMapping><clear /></packageSourceMapping></configuration>");

    private PretrainedNetwork Package()
    {
        string onnx = _folder["tiny.onnx"], package = Path.Combine(_folder["feed"], "Tiny.Weights.1.2.3.nupkg");
        if (!File.Exists(package))
        {
            using var cpu = new CpuBackend(new CpuOptions { Threads = 1 });
            using var model = new Model(
                new ModelDescription { Architecture = "tiny", Options = new ModelOptions { Classes = 3, Pyramid = [2] } },
                new Sequential(new Conv2d(3, 4, 3), new SpatialPyramidPool(2, 1), new Linear(20, 3)), cpu, seed: 2);
            OnnxExport.Write(onnx, model, new OnnxExportOptions());
            using ZipArchive archive = ZipFile.Open(package, ZipArchiveMode.Create);
            archive.CreateEntryFromFile(onnx, "tools/tiny.onnx");
            using var nuspec = new StreamWriter(archive.CreateEntry("Tiny.Weights.nuspec").Open());
            nuspec.Write("<package><metadata><id>Tiny.Weights</id><version>1.2.3</version><authors>tests</authors><description>weights</description></metadata></package>");
        }
        string hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(package)));
        return new PretrainedNetwork("tiny", "a network of the tests", "Tiny.Weights", "1.2.3", "MIT", new FileInfo(package).Length, hash, "tools/tiny.onnx", null, null,
            new Data.InputPreparation { MinSide = 56, CropSize = 48 }, 48, ["first", "pool", "last"]);
    }

    private static int FreePort()
    {
        using var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
