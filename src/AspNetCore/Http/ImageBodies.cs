using System.Buffers;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace IlgpuSpp.AspNetCore;

/// <summary>The images of a request: its body, or the parts of a multipart one, each read into memory within the budget and nothing written to disk.</summary>
internal sealed class ImageBodies(ServingOptions options, Admission admission)
{
    private const int FirstBytes = 64 << 10, LongestName = 200, LongestBoundary = 128;

    /// <summary>The images one after another; each must be disposed before the next is asked for.</summary>
    /// <param name="context">The request.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="RefusalException">The body is none of images, or larger than allowed.</exception>
    public async IAsyncEnumerable<ImageBody> ReadAsync(HttpContext context, [EnumeratorCancellation] CancellationToken cancellation)
    {
        HttpRequest request = context.Request;
        bool several = MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type) && type.MediaType.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase);
        // The server's own limit is for bodies of no known purpose; here every image has its own. What is left of a body that was refused is read and passed over for some seconds, so
        // that clients see the answer and can go on; a limit on the body would cut them off instead.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = several ? ((long)options.MaxImageBytes + FirstBytes) * options.MaxImages : null;
        if (!several)
        {
            if (request.ContentLength > options.MaxImageBytes) throw TooLarge();
            yield return await ReadAsync(request.Body, null, request.ContentLength, cancellation).ConfigureAwait(false);
            yield break;
        }
        string boundary = HeaderUtilities.RemoveQuotes(type!.Boundary).Value ?? "";
        if (boundary.Length is 0 or > LongestBoundary) throw new RefusalException(StatusCodes.Status400BadRequest, "the multipart body names no boundary; let the client set Content-Type itself, as curl -F does");
        var reader = new MultipartReader(boundary, request.Body);
        int images = 0;
        while (await NextAsync(reader, cancellation).ConfigureAwait(false) is { } section)
        {
            ContentDispositionHeaderValue? disposition = section.GetContentDispositionHeader();
            // Fields without a file name are no images.
            string? name = disposition is null ? null : disposition.FileNameStar.Value ?? disposition.FileName.Value;
            if (string.IsNullOrEmpty(name)) continue;
            if (++images > options.MaxImages) throw new RefusalException(StatusCodes.Status413PayloadTooLarge, $"the request has more than {options.MaxImages} images; send them in several");
            yield return await ReadAsync(section.Body, BaseName(name), null, cancellation).ConfigureAwait(false);
        }
        if (images == 0) throw new RefusalException(StatusCodes.Status400BadRequest, "the multipart body holds no file; send images as file parts, as curl -F image=@photo.jpg does");
    }

    private static async Task<MultipartSection?> NextAsync(MultipartReader reader, CancellationToken cancellation)
    {
        try
        {
            return await reader.ReadNextSectionAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception error) when (error is InvalidDataException or (IOException and not BadHttpRequestException))
        {
            throw new RefusalException(StatusCodes.Status400BadRequest, "the multipart body is damaged or ends early; send it again");
        }
    }

    private async Task<ImageBody> ReadAsync(Stream body, string? name, long? length, CancellationToken cancellation)
    {
        IDisposable share = await admission.Bodies.TakeAsync(length ?? options.MaxImageBytes, cancellation).ConfigureAwait(false);
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)(length ?? FirstBytes));
        try
        {
            int count = 0;
            while (true)
            {
                if (count == buffer.Length)
                {
                    // A body as long as announced is full here, and only its end is still to be seen.
                    byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Math.Max(buffer.Length * 2L, FirstBytes), options.MaxImageBytes + 1L));
                    buffer.AsSpan(0, count).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
                int read = await body.ReadAsync(buffer.AsMemory(count), cancellation).ConfigureAwait(false);
                if (read == 0) return new ImageBody(name, buffer, count, share);
                count += read;
                if (count > options.MaxImageBytes) throw TooLarge();
            }
        }
        catch (Exception error)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            share.Dispose();
            if (error is InvalidDataException or (IOException and not BadHttpRequestException))
                throw new RefusalException(StatusCodes.Status400BadRequest, "the body is damaged or ends early; send it again");
            throw;
        }
    }

    private RefusalException TooLarge() => new(StatusCodes.Status413PayloadTooLarge, $"an image's file may have at most {options.MaxImageBytes} bytes; scale the image down or compress it more");

    // A name may come with a path of the sender's machine, or one that hopes to be followed; it is only ever given back.
    private static string BaseName(string name)
    {
        name = (HeaderUtilities.RemoveQuotes(name).Value ?? "").Split('/', '\\')[^1];
        return name.Length > LongestName ? name[..LongestName] : name;
    }
}

/// <summary>The bytes of one image.</summary>
internal sealed class ImageBody(string? name, byte[] buffer, int length, IDisposable share) : IDisposable
{
    private int _disposed;

    /// <summary>Its file's name without a path, where it has one.</summary>
    public string? Name => name;

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Bytes => buffer.AsSpan(0, length);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        ArrayPool<byte>.Shared.Return(buffer);
        share.Dispose();
    }
}
