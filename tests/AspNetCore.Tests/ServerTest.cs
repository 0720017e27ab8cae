namespace IlgpuSpp.AspNetCore.Tests;

/// <summary>Tests of a server with a classifier <c>fruit</c>.</summary>
public abstract class ServerTest : FolderTest
{
    private protected readonly Backend _backend = SmallModels.Backend();

    protected ServerTest() => SmallModels.WriteClassifier(ModelPath, _backend);

    private protected string ModelPath => _folder["fruit.safetensors"];

    protected override void Dispose(bool disposing)
    {
        _backend.Dispose();
        base.Dispose(disposing);
    }

    private protected Task<RunningServer> StartAsync(Action<ServingOptions>? options = null) => RunningServer.StartAsync(models => models.UseBackend(_backend).AddClassifier("fruit", ModelPath), options);

    private protected static ByteArrayContent Png(RgbImage image) => new(ImageWriter.Png(image));

    private protected static ByteArrayContent Png(int width = 80, int height = 60, uint seed = 1) => Png(SmallModels.Picture(width, height, seed));

    private protected static ByteArrayContent Bytes(string text) => new(System.Text.Encoding.UTF8.GetBytes(text));
}
