// SPDX-License-Identifier: GPL-3.0-or-later
import com.amazonaws.xray.AWSXRay;
import com.amazonaws.xray.AWSXRayRecorderBuilder;
import com.amazonaws.xray.entities.Namespace;
import com.amazonaws.xray.entities.Segment;
import com.amazonaws.xray.entities.Subsegment;
import com.amazonaws.xray.strategy.sampling.AllSamplingStrategy;

public class Send {
    public static void main(String[] words) throws Exception {
        AWSXRay.setGlobalRecorder(
            AWSXRayRecorderBuilder.standard().withSamplingStrategy(new AllSamplingStrategy()).build());
        Segment segment = AWSXRay.beginSegment("interop-java");
        segment.putAnnotation("language", "java");
        Subsegment call = AWSXRay.beginSubsegment("bank.example.com");
        call.setNamespace(Namespace.REMOTE.toString());
        call.addException(new java.util.concurrent.TimeoutException("no answer within 2.0 s"));
        AWSXRay.endSubsegment();
        segment.setFault(true);
        AWSXRay.endSegment();
        Thread.sleep(500); // the emitter sends in the background
        System.exit(0);
    }
}
