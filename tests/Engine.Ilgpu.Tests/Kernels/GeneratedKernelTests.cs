using IlgpuSpp.KernelTool;

namespace IlgpuSpp.Engine.Ilgpu.Tests;

public sealed class GeneratedKernelTests
{
    [Fact]
    public void TheGeneratedFilesAreWhatTheirProgramWrites()
    {
        DirectoryInfo? root = new(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "IlgpuSpp.sln"))) root = root.Parent;
        Assert.NotNull(root);
        foreach (var (path, text) in GeneratedKernels.All())
            Assert.True(File.ReadAllText(Path.Combine(root.FullName, path)) == text, $"{path} differs; run dotnet run --project eng/Kernels -- write");
    }
}
