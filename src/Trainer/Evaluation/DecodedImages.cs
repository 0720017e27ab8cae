using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Training;

/// <summary>An image of a data set at its own size.</summary>
/// <param name="Index">The sample.</param>
/// <param name="Image">Its pixels.</param>
internal readonly record struct DecodedImage(int Index, RgbImage Image);

/// <summary>The images of a data set one after another, decoded once each, some ahead of their use.</summary>
internal static class DecodedImages
{
    /// <summary>The images that can be decoded, in order.</summary>
    /// <exception cref="UndecodableImagesException">Too many cannot be decoded.</exception>
    public static IEnumerable<DecodedImage> Of(EvaluationContext context)
    {
        int ahead = Math.Max(2, context.Options.EffectiveThreads);
        var pending = new Queue<Task<(RgbImage? Image, string Reason)>>();
        var failures = new List<ImageFailure>();
        for (int index = 0, next = 0; index < context.Data.Count; index++)
        {
            for (; next < context.Data.Count && pending.Count < ahead; next++)
            {
                int sample = next;
                pending.Enqueue(Task.Run(() => Decode(context.Data, sample)));
            }
            (RgbImage? image, string reason) = pending.Dequeue().GetAwaiter().GetResult();
            if (image is not null)
            {
                yield return new DecodedImage(index, image);
                continue;
            }
            var failure = new ImageFailure(index, context.Data.Samples[index].Name, reason);
            failures.Add(failure);
            context.NoteFailure(failure);
            if (failures.Count > context.Options.MaxUndecodableShare * context.Data.Count || failures.Count == context.Data.Count)
                throw new UndecodableImagesException(context.Data.Name, failures.Count, context.Data.Count, context.Options.MaxUndecodableShare, failures[0].Name, failures[0].Reason);
        }
    }

    private static (RgbImage? Image, string Reason) Decode(ImageDataset data, int index)
    {
        try
        {
            RgbImage image = data.Load(index);
            // Refused here as PreparedImages does, so that every view leaves out the same images.
            return InputPreparation.Refusal(image) is { } reason ? (null, reason) : (image, "");
        }
        catch (Exception e) when (e is DataFormatException or IOException or UnauthorizedAccessException)
        {
            return (null, e is DataFormatException format ? format.Reason : e.Message);
        }
    }
}
