using System.Runtime.InteropServices;
using System.Security.Cryptography;
using IlgpuSpp.Engine;

namespace IlgpuSpp.ConformanceProbe;

/// <summary>One operation on fixed inputs, long enough for several items of work.</summary>
/// <param name="Name">What it is.</param>
/// <param name="SameAtEveryWidth">Whether every vector width gives the same bits; sums over lanes do not.</param>
/// <param name="Prepare">Allocates the operands.</param>
public sealed record OpCase(string Name, bool SameAtEveryWidth, Func<Backend, PreparedOp> Prepare)
{
    /// <summary>A digest of the bits of all results.</summary>
    public string Digest(Backend backend)
    {
        using PreparedOp op = Prepare(backend);
        op.Run();
        return op.Digest();
    }

    public override string ToString() => Name;
}

/// <summary>An operation with its operands on a device.</summary>
public sealed class PreparedOp(Action run, Tensor[] results, Tensor<int>[] indexResults, IDisposable[] inputs) : IDisposable
{
    public void Run() => run();

    public string Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (Tensor result in results) hash.AppendData(MemoryMarshal.AsBytes<float>(result.ToArray()));
        foreach (Tensor<int> result in indexResults) hash.AppendData(MemoryMarshal.AsBytes<int>(result.ToArray()));
        return Convert.ToHexString(hash.GetHashAndReset(), 0, 8);
    }

    public void Dispose()
    {
        foreach (IDisposable tensor in inputs.Concat(results).Concat(indexResults)) tensor.Dispose();
    }
}
