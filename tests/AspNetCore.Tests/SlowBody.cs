using System.Net;

namespace IlgpuSpp.AspNetCore.Tests;

/// <summary>An image whose second half waits.</summary>
internal sealed class SlowBody : HttpContent
{
    private readonly byte[] _png = ImageWriter.Png(SmallModels.Picture(80, 60));

    public TaskCompletionSource Finish { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.WriteAsync(_png.AsMemory(0, 100));
        await stream.FlushAsync();
        await Finish.Task;
        await stream.WriteAsync(_png.AsMemory(100));
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _png.Length;
        return true;
    }
}
